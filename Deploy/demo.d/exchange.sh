# shellcheck shell=bash
# The exchange: a request, its answer with evidence, and what both sides have in their hands afterwards.

kg_officer() { "$1" rogatory "${@:2}" --as "${profile[kg-officer]}"; }
kg_approver() { "$1" rogatory "${@:2}" --as "${profile[kg-approver]}"; }
kz_officer() { "$1" rogatory "${@:2}" --as "${profile[kz-officer]}"; }
kz_approver() { "$1" rogatory "${@:2}" --as "${profile[kz-approver]}"; }

request_assistance() {
    heading "KG-GPO asks: the officer drafts and signs, the approver releases, the gateway sends"
    kg_officer show request open --to KZ-GPO --reference KG-2026-0417 --subject "Image of a memory stick"
    thread=$(field request)
    kg_officer briefly draft new "$thread" --type request --subject "Request for a memory stick's image" \
        --letter "$work/request.txt" --approver "$(common_name "$pki/parties/KG-GPO/people/approver-sign-in.crt")" \
        --field "case=03-109-24-000412" --speciality "proceedings of request KG-2026-0417"
    request_draft=$(field draft)
    kg_officer briefly draft sign "$request_draft"
    kg_approver show draft show "$request_draft"
    kg_approver briefly draft approve "$request_draft"
    kg_officer show draft send "$request_draft" --wait
}

open_request() {
    heading "KZ-GPO receives: checked, opened, answered with a receipt"
    kz_officer show inbox list
    request_bundle=$(printf '%s\n' "$said" | sed -n 's/^\(KG-GPO\/[^ ]*\).*/\1/p' | head -n 1)
    kz_officer briefly inbox open "$request_bundle" --wait
    kz_officer briefly inbox report "$request_bundle"
    kz_officer show inbox read "$request_bundle"
    kz_officer briefly inbox get "$request_bundle" documents/0001 --out "$work/request-read.txt"
}

take_in_evidence() {
    local started=$SECONDS
    heading "KZ-GPO takes evidence in: a disk image read in place, and the files exported from it"
    kz_officer show evidence take-in --in-place "$image" --request "$thread" --acquisition "$work/acquisition.json" \
        --description "image of the whole memory stick, four partitions"
    items=("$(field item)")
    kz_officer briefly evidence take-in --in-place "$samples" --request "$thread" \
        --acquisition "$work/acquisition.json"
    mapfile -t -O 1 items < <(printf '%s\n' "$said" | grep -oE '^[0-9a-f]{8}-[0-9a-f-]{27}')
    echo "  ${#items[@]} items, encrypted at rest, in $(seconds_since "$started")"
}

answer_request() {
    local item evidence=() approver=$pki/parties/KZ-GPO/people/approver-signature started
    heading "KZ-GPO answers: the officer signs with rogatory, the approver with openssl alone"
    for item in "${items[@]}"; do evidence+=(--evidence "$item"); done
    shown rogatory draft new "$thread" --type response … --evidence "${items[0]}" --evidence …
    kz_officer quietly draft new "$thread" --type response --subject "Image of a memory stick, request KG-2026-0417" \
        --letter "$work/answer.txt" --approver "$(common_name "$approver.crt")" "${evidence[@]}" \
        --onward withConsent --speciality "proceedings of request KG-2026-0417"
    answer_draft=$(field draft)
    kz_officer briefly draft sign "$answer_draft"
    kz_approver show draft object "$answer_draft" --out "$work/object.xml"
    briefly openssl cms -sign -cades -binary -outform DER -nosmimecap -md sha256 -in "$work/object.xml" \
        -signer "$approver.crt" -inkey "$approver.key" -out "$work/approver.p7s"
    kz_approver briefly draft approve "$answer_draft" --signature "$work/approver.p7s"
    started=$SECONDS
    kz_officer show draft send "$answer_draft" --wait
    answer_bundle=$(field bundle)
    echo "  sealed, sent and acknowledged in $(seconds_since "$started")"
}

open_answer() {
    local started=$SECONDS
    heading "KG-GPO opens the answer"
    kg_officer show inbox open "$answer_bundle" --wait
    echo "  opened in $(seconds_since "$started")"
    kg_officer briefly inbox get "$answer_bundle" evidence/0001 --out "$work/evidence-0001"
}

show_receipts() {
    local kind
    heading "KZ-GPO holds the partner's receipts"
    wait_for "the receipt “opened” did not come" "${gateway_process[kz]}" has_receipt opened
    kz_officer show outbox show "$answer_bundle"
    for kind in received opened; do
        kz_officer briefly outbox receipt "$answer_bundle" "$kind" --out "$work/receipt-$kind.p7m"
    done
}
has_receipt() { rogatory outbox show "$answer_bundle" --as "${profile[kz-officer]}" | grep -q "^receipt  *$1"; }

export_logs() {
    local who
    heading "The auditors of both sides export their logs"
    for who in kz kg; do
        briefly rogatory log verify --as "${profile[$who-auditor]}"
        briefly rogatory log export --out "$work/$who-log.jsonl" --as "${profile[$who-auditor]}"
    done
    kz_officer quietly bundle export "$answer_bundle" --out "$work/bundle.asice"
    shown rogatory bundle export "$answer_bundle" --out "$work/bundle.asice" --as "${profile[kz-officer]}"
}
