# shellcheck shell=bash
# What is proven, and by whom: every line of the table is a command that succeeded.

failures=0
# record WHAT BY COMMAND…: runs a command, keeps its output, notes the result.
record() {
    local what=$1 by=$2
    shift 2
    if "$@" >"$work/said" 2>&1 </dev/null; then
        printf '%s\t%s\tholds\n' "$what" "$by" >>"$results"
    else
        printf '%s\t%s\tFAILS\n' "$what" "$by" >>"$results"
        printf 'not proven: %s\n' "$what"
        tail -n 20 "$work/said"
        failures=$((failures + 1))
    fi
}

# Whatever the sample files are called now, they have the digests of the originals.
same_digests() {
    local number
    for number in $(seq 2 "${#items[@]}"); do
        rogatory inbox get "$answer_bundle" "evidence/$(printf %04d "$number")" --out "$work/item-$number" \
            --as "${profile[kg-officer]}" || return 1
    done
    diff <(cd "$samples" && find . -type f -exec sha256sum {} + | cut -c1-64 | sort) \
        <(cd "$work" && sha256sum item-* | cut -c1-64 | sort)
}

# The public keys of both logs, each as the partner has it from the card.
log_key() { rogatory peer show "${party[$2]}" --data "$work/$1/data" | sed -n 's/^log key  *//p'; }

check_log() { "$debian_python" "$root/Tests/InteropTests/check_log.py" "$@"; }

# A receipt's signature and path; what is signed goes to the file with .xml.
check_receipt() {
    openssl cms -verify -cades -binary -inform DER -in "$1" -CAfile "$work/anchors.pem" -crl_check_all -purpose any \
        -out "${1%.p7m}.xml"
}

# Takes log entry and proof out of a receipt.
cut_proof() {
    "$debian_python" - "$1" "$1.entry" "$1.proof" <<'PYTHON'
import base64
import sys
import xml.etree.ElementTree as tree

receipt = tree.parse(sys.argv[1]).getroot()
name = "{urn:rogatory:receipt:1}"
with open(sys.argv[2], "wb") as file:
    file.write(base64.b64decode(receipt.find(name + "logEntry").text))
with open(sys.argv[3], "w", encoding="utf-8") as file:
    file.write(receipt.find(name + "logProof").text)
PYTHON
}
check_receipt_proof() { cut_proof "$1" && check_log --key "$kg_key" proof "$1.proof" "$1.entry"; }

# Both gateways tell the same state and history of the request, each from the messages that it holds.
same_history() {
    local who
    for who in kz kg; do
        rogatory request show "$thread" --json --as "${profile[$who-officer]}" >"$work/request-$who.json" || return 1
    done
    "$debian_python" - "$work/request-kz.json" "$work/request-kg.json" <<'PYTHON'
import json
import sys

one, other = (json.load(open(name, encoding="utf-8")) for name in sys.argv[1:])
for name in ("state", "history"):
    assert one[name] == other[name], name
assert one["phase"] == other["phase"] == "closed" and len(one["history"]) >= 8
assert all(line["proof"] == "proven" and line["outcome"] == "applied" for line in one["history"])
PYTHON
}

everything_matched() {
    evidence-verify log "$work/kz-log.jsonl" "$work/kg-log.jsonl" --key "$kz_key" --key "$kg_key" >"$work/both-logs.txt" ||
        { cat "$work/both-logs.txt"; return 1; }
    cat "$work/both-logs.txt"
    grep -q '^Reconciliation: [1-9][0-9]* matched, 0 .*, 0 .*, 0 .*, 0 ' "$work/both-logs.txt"
}

# Each copy is verified in full, signatures and paths included, so a sample of the bytes is enough here.
tamper_is_seen() { rogatory bundle flip "$work/small.asice" --trust "$pki/trust" --every "$1"; }

prove_exchange() {
    local kind who recipient=$pki/parties/KG-GPO/encryption
    results=$work/results.tsv
    : >"$results"
    heading "What both sides have, checked by themselves and by tools that others wrote"
    find "$pki/trust" -name '*.crt' -exec cat {} + >"$work/anchors.pem"
    find "$pki/trust" -name '*.crl' | while IFS= read -r list; do
        openssl crl -in "$list" 2>/dev/null || openssl crl -inform DER -in "$list"
    done >>"$work/anchors.pem"
    kz_key=$(log_key kg kz)
    kg_key=$(log_key kz kg)

    record "the request's letter arrived as it was written" cmp cmp "$work/request.txt" "$work/request-read.txt"
    record "both gateways tell the same state and history of the request" "Python" same_history
    record "disk image of the answer: equal byte for byte" cmp cmp "$image" "$work/evidence-0001"
    record "$((${#items[@]} - 1)) sample files have the digests of the originals" sha256sum same_digests
    for kind in received opened; do
        record "receipt $kind: signature, chain, nothing revoked" "openssl cms -verify" \
            check_receipt "$work/receipt-$kind.p7m"
        record "receipt $kind: stands in the partner's log" "Python and openssl" \
            check_receipt_proof "$work/receipt-$kind.xml"
    done
    for who in kz kg; do
        local key=${who}_key
        record "log of ${party[$who]}: every entry, the signed checkpoint" "Python and openssl" \
            check_log --key "${!key}" export "$work/$who-log.jsonl"
    done
    record "both logs agree: everything matched" "evidence-verify log" everything_matched
    grep '^Reconciliation' "$work/both-logs.txt" | sed 's/^/  /' || true

    record "the bundle that travelled, without a gateway" "evidence-verify bundle" \
        evidence-verify bundle "$work/bundle.asice" --trust "$pki/trust" \
        --certificate "$recipient.crt" --key "$recipient.key"
    "$root/Deploy/prove" "$work/bundle.asice" --anchors "$work/anchors.pem" --certificate "$recipient.crt" \
        --key "$recipient.key" --original "$image" --out "$work/by-hand" --results "$work/by-hand.tsv" ||
        failures=$((failures + 1))
    cat "$work/by-hand.tsv" >>"$results"
    rm -rf "$work/by-hand"
}

# A bundle made by the commands that need no gateway, damaged in copies.
prove_tampering() {
    local sender=$pki/parties/KZ-GPO every=97
    heading "A small bundle, damaged in copies: every ${every}th byte flipped, every ${every}th length cut"
    quietly rogatory bundle seal --from KZ-GPO --to KG-GPO --type status --subject "Status" \
        --letter "$work/answer.txt" \
        --sign "officer:$sender/people/officer-signature.crt:$sender/people/officer-signature.key" \
        --sign "approver:$sender/people/approver-signature.crt:$sender/people/approver-signature.key" \
        --seal-certificate "$sender/seal.crt" --seal-key "$sender/seal.key" \
        --recipient "$pki/parties/KG-GPO/encryption.crt" --tsa "$services/tsa" --out "$work/small.asice"
    record "none of the altered copies is accepted" "rogatory bundle flip" tamper_is_seen "$every"
    head -n 3 "$work/said" | sed 's/^/  /'
}

print_proofs() {
    heading "What was proven, by whom"
    awk -F '\t' '{ printf "  %-62s  %-24s  %s\n", $1, $2, $3 }' "$results"
    echo
    if [ "$failures" -gt 0 ]; then
        echo "$failures not proven; the files are in $work"
        return 1
    fi
    echo "everything holds; the files are in $work"
}
