# shellcheck shell=bash
# People and partners: proposed by the first administrator on the gateway's machine, confirmed by the second one with a
# certificate. Every person gets a profile, the file that a command acts with.

declare -A profile

# Writes the profile of the person whose certificates begin with $2.
write_profile() {
    local who=$1 person=$2 people=$pki/parties/${party[$1]}/people signature=''
    profile[$who-$person]=$work/$who/profiles/$person.json
    if [ -e "$people/$person-signature.crt" ]; then
        signature="\"signatureCertificate\": \"$people/$person-signature.crt\",
  \"signatureKey\": \"$people/$person-signature.key\","
    fi
    cat >"${profile[$who-$person]}" <<PROFILE
{
  "gateway": "https://localhost:${officers_port[$who]}",
  "party": "${party[$who]}",
  "anchors": [ "$pki/trust/parties/${party[$who]}/anchors/root.crt" ],
  "intermediates": [ "$pki/ca/$who-issuing.crt" ],
  "revocationLists": [ "$pki/trust/crls/root.crl", "$pki/trust/crls/$who-issuing.crl" ],
  "chain": [ "$pki/ca/$who-issuing.crt" ],
  $signature
  "certificate": "$people/$person-sign-in.crt",
  "key": "$people/$person-sign-in.key"
}
PROFILE
}

# The second administrator confirms what the last command proposed; the change's id is the last word of it.
confirm_last() {
    local change=${said##* }
    briefly rogatory change confirm "$change" --as "${profile[$1-administrator-2]}"
}

enter_people() {
    local who=$1 people=$pki/parties/${party[$1]}/people person certificates file
    for person in administrator-1 administrator-2 officer approver auditor; do write_profile "$who" "$person"; done
    for person in officer approver auditor; do
        certificates=()
        for file in "$people/$person"-*.crt; do certificates+=(--certificate "$file"); done
        briefly rogatory person add --name "$(common_name "$people/$person-sign-in.crt")" --authority "$who-gpo" \
            --role "$person" "${certificates[@]}" --data "$work/$who/data"
        confirm_last "$who"
    done
}

# $1 adds $2 by the card that came from there and the fingerprint that was read out there.
add_partner() {
    local who=$1 other=$2 card=$work/${party[$2]}-card.p7m fingerprint
    quietly rogatory peer card --out "$work/own-card.p7m" --data "$work/$other/data"
    shown rogatory peer card --out "$card" --data "$work/$other/data"
    mv "$work/own-card.p7m" "$card"
    printf '%s\n' "$said" | grep fingerprint | sed 's/^/  /'
    fingerprint=$(field fingerprint)
    briefly rogatory peer add "$card" --fingerprint "$fingerprint" --data "$work/$who/data"
    confirm_last "$who"
}
