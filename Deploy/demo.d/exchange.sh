# shellcheck shell=bash
# The exchange: a request under a treaty, its answer with evidence step by step, and what both sides have in their hands
# afterwards.

kg_officer() { "$1" rogatory "${@:2}" --as "${profile[kg-officer]}"; }
kg_approver() { "$1" rogatory "${@:2}" --as "${profile[kg-approver]}"; }
kz_officer() { "$1" rogatory "${@:2}" --as "${profile[kz-officer]}"; }
kz_approver() { "$1" rogatory "${@:2}" --as "${profile[kz-approver]}"; }

draft_request() {
    heading "KG-GPO drafts: which treaty, what it demands, what is still missing"
    kg_officer show treaty choose --from KG --to KZ --type searchAndSeizure --type transferOfEvidence
    kg_officer show request open --to KZ-GPO --reference KG-2026-0417 --subject "Image of a memory stick" \
        --treaty cis-chisinau-2002 --type searchAndSeizure --type transferOfEvidence
    thread=$(field request)
    kg_officer show request check "$thread"
    kg_officer briefly request edit "$thread" --by "$(date -u -d '+40 days' +%F)" \
        --reasons "the trial begins a week later" \
        --field "caseNumber=03-109-24-000412" --field "factsSummary=@$work/request.txt" \
        --field "persons=Бекжан Осмонов; born 4 May 1991 in Osh; suspect" \
        --field "offence=Fraud, article 209 of the Criminal Code of the Kyrgyz Republic" \
        --field "assistanceSought=image of the memory stick seized in Almaty on 3 November 2026" \
        --field "purpose=proceedings 03-109-24-000412" \
        --field "specialProcedure=SHA-256 of every item; acquisition with a write blocker"
    kg_officer show request check "$thread"
}

request_assistance() {
    heading "KG-GPO asks: the officer drafts and signs, the approver releases, the gateway sends"
    kg_officer briefly request draft "$thread" --ask "stick=image of the whole memory stick" \
        --ask "files=the files exported from it" --ask "owner=who was entered as its owner" \
        --letter-language ru,en --document "$work/request.txt" --speciality "proceedings of request KG-2026-0417" \
        --approver "$(common_name "$pki/parties/KG-GPO/people/approver-sign-in.crt")" --sign
    kg_approver briefly request approve "$thread"
    kg_officer show request send "$thread" --wait
}

# Opens what came last from $2 at $1, and keeps its name in $opened.
open_newest() {
    "${1}_officer" quietly inbox list
    opened=$(printf '%s\n' "$said" | sed -n "s/^\($2\/[^ ]*\) .* received .*/\1/p" | head -n 1)
    [ -n "$opened" ] || fail "nothing is there to be opened at $1"
    "${1}_officer" briefly inbox open "$opened" --wait
}

open_request() {
    heading "KZ-GPO receives: checked, opened, answered with a receipt"
    kz_officer show inbox list
    open_newest kz KG-GPO
    request_bundle=$opened
    kz_officer briefly inbox report "$request_bundle"
    kz_officer show inbox read "$request_bundle"
    kz_officer briefly inbox get "$request_bundle" documents/0003 --out "$work/request-read.txt"
    kz_officer show request list
}

talk() {
    heading "They talk: every act is a signed message, and one signature is enough for these"
    kz_officer briefly request acknowledge "$thread" --sign --send --wait
    open_newest kg KZ-GPO
    kz_officer briefly request ask "$thread" "Two memory sticks were seized that day; is it the red one?" --sign --send --wait
    open_newest kg KZ-GPO
    kg_officer briefly request answer "$thread" "Yes, the red one, 16 GB." --sign --send --wait
    open_newest kz KG-GPO
    kz_officer briefly request accept "$thread" --sign --send --wait
    open_newest kg KZ-GPO
    kg_officer show request list
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
    heading "KZ-GPO executes in part: the officer signs with rogatory, the approver with openssl alone"
    for item in "${items[@]}"; do evidence+=(--evidence "$item"); done
    shown rogatory request execute "$thread" --partly --item stick --item files --evidence "${items[0]}" --evidence …
    kz_officer quietly request execute "$thread" --partly --item stick --item files --letter-language ru --document "$work/answer.txt" \
        --approver "$(common_name "$approver.crt")" "${evidence[@]}" \
        --onward withConsent --speciality "proceedings of request KG-2026-0417" --sign
    answer_draft=$(field draft)
    kz_approver show draft object "$answer_draft" --out "$work/object.xml"
    briefly openssl cms -sign -cades -binary -outform DER -nosmimecap -md sha256 -in "$work/object.xml" \
        -signer "$approver.crt" -inkey "$approver.key" -out "$work/approver.p7s"
    kz_approver briefly draft approve "$answer_draft" --signature "$work/approver.p7s"
    started=$SECONDS
    kz_officer show request send "$thread" --wait
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

finish_request() {
    heading "The rest is executed, the results are confirmed, the request is closed"
    kz_officer briefly request execute "$thread" --text "No owner is entered anywhere." --sign --send --wait
    open_newest kg KZ-GPO
    kg_officer briefly request confirm "$thread" --sign --send --wait
    open_newest kz KG-GPO
    kg_officer briefly request close "$thread" --sign --send --wait
    open_newest kz KG-GPO
    kg_officer show request show "$thread"
    kg_officer show deadline explain "$thread"
}

# A partner without a gateway: steps are recorded by hand, under the same deadlines.
ask_by_diplomatic_channel() {
    heading "KZ-GPO asks China on the diplomatic channel: steps are recorded by hand, and the view says so"
    kz_officer show request open --channel diplomatic --state CN --reference KZ-2026-0911 \
        --partner-authority "Ministry of Justice of the People's Republic of China" \
        --subject "Subscriber of a telephone number" --treaty un-untoc-2000 --type subscriberInformation \
        --by "$(date -u -d '+60 days' +%F)" --reasons "the period for the investigation ends" \
        --hearing "$(date -u -d '+200 days' +%F)"
    diplomatic=$(field request)
    kz_officer briefly request record "$diplomatic" --act request --at "$(date -u -d '-20 days' +%F)" \
        --received "$(date -u -d '-12 days' +%F)" --reference "Note verbale 12-441" \
        --answer-by "$(date -u -d '+60 days' +%F)" --answer-reasons "the period for the investigation ends"
    kz_officer briefly request record "$diplomatic" --act acknowledge --authority central --at "$(date -u -d '-5 days' +%F)" \
        --reference "Letter 3-77 of the Ministry of Justice"
    kz_officer show request show "$diplomatic"
    kz_officer show deadline explain "$diplomatic"
    kz_officer show deadline list --before "$(date -u -d '+365 days' +%FT%TZ)"
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
