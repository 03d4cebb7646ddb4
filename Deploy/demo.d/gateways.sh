# shellcheck shell=bash
# The trust services and the two gateways: made, configured, started. A gateway is spoken of as kz or kg.

declare -A party=([kz]=KZ-GPO [kg]=KG-GPO) peers_port officers_port gateway_process
declare -A gateway_name=(
    [kz]="Prosecutor General's Office of the Republic of Kazakhstan"
    [kg]="Prosecutor General's Office of the Kyrgyz Republic"
)

start_services() {
    find_port 8318
    services=http://127.0.0.1:$port
    pki=$work/pki
    show rogatory demo-pki mint "$pki" --services "$services"
    shown rogatory demo-pki serve "$pki" --port "$port" \&
    start "$work/services.log" "$binaries/rogatory" demo-pki serve "$pki" --port "$port" --ready-file "$work/ready"
    wait_for "the timestamp and OCSP services did not start" "${processes[-1]}" test -e "$work/ready"
}

# The name in a certificate's subject.
common_name() { openssl x509 -in "$1" -noout -subject -nameopt multiline,utf8,-esc_msb | sed -n 's/^ *commonName *= //p'; }

make_gateway() {
    local who=$1 home=$work/$1 people=$pki/parties/${party[$1]}/people first second
    mkdir -m 700 "$home" "$home/profiles"
    find_port "$2"
    peers_port[$who]=$port
    find_port "$(($2 + 1))"
    officers_port[$who]=$port
    first=$people/administrator-1-sign-in.crt
    second=$people/administrator-2-sign-in.crt
    show rogatory init --data "$home/data" --party "${party[$who]}" --name "${gateway_name[$who]}" \
        --url "https://localhost:${peers_port[$who]}" --trust "$pki/trust" \
        --administrator "$(common_name "$first"):$first:$(id -u)" --administrator "$(common_name "$second"):$second"
    cat >"$home/gateway.json" <<CONFIGURATION
{
  "data": "$home/data",
  "trust": "$pki/trust",
  "timestamps": "$services/tsa",
  "peers": { "host": "127.0.0.1", "port": ${peers_port[$who]} },
  "officers": { "host": "127.0.0.1", "port": ${officers_port[$who]} },
  "importDirectories": [ "$data/evidence", "$samples" ],
  "languages": [ "ru", "en" ],
  "contact": { "name": "Duty officer", "email": "duty@${who}-gpo.example" }
}
CONFIGURATION
    briefly rogatory check-config --config "$home/gateway.json"
}

start_gateway() {
    local who=$1
    shown rogatory serve --config "$work/$who/gateway.json" \&
    start "$work/$who.log" "$binaries/rogatory" serve --config "$work/$who/gateway.json"
    gateway_process[$who]=${processes[-1]}
    wait_for "the gateway of ${party[$who]} did not start" "${processes[-1]}" \
        rogatory whoami --data "$work/$who/data"
}

# The keys of the demonstration were made with their certificates; a real gateway makes its own: rogatory key new.
install_keys() {
    local who=$1 key folder=$pki/parties/${party[$1]}
    for key in tls seal encryption receipt; do
        briefly rogatory key import --key "$folder/$key.key" --certificate "$folder/$key.crt" \
            --certificate "$pki/ca/$who-issuing.crt" --data "$work/$who/data"
    done
    wait_for "the gateway of ${party[$who]} does not serve its people" "${gateway_process[$who]}" \
        has_said "$who" "People are served"
    wait_for "the gateway of ${party[$who]} does not serve partners" "${gateway_process[$who]}" \
        has_said "$who" "Partners are served"
    briefly rogatory status --data "$work/$who/data"
}
