# shellcheck shell=bash
# What to try while both gateways run.

stay() {
    cat <<GUIDE

Both gateways are up until Ctrl-C. Whoever you want to be, there is a profile:

  $work/{kz,kg}/profiles/{officer,approver,auditor,administrator-1,administrator-2}.json

  PATH=$binaries:\$PATH
  cd $work
  rogatory whoami --as kz/profiles/officer.json
  rogatory request list --as kg/profiles/officer.json
  rogatory request show KG-2026-0417 --as kg/profiles/officer.json
  rogatory request record $diplomatic --act execute --at $(date -u +%F) --reference "Letter 9" --as kz/profiles/officer.json
  rogatory treaty show cis-cyber-2001 --as kz/profiles/officer.json
  rogatory calendar show KZ --year 2026 --as kz/profiles/officer.json
  rogatory feed new --as kz/profiles/officer.json
  rogatory inbox read $answer_bundle --as kg/profiles/officer.json
  rogatory evidence custody ${items[0]} --as kz/profiles/officer.json
  rogatory log show --newest --limit 20 --as kz/profiles/auditor.json
  rogatory log witness list --as kz/profiles/auditor.json
  rogatory trust services --as kz/profiles/administrator-1.json
  rogatory log show --log house --newest --limit 20 --as kg/profiles/auditor.json
  rogatory peer ping KG-GPO --data kz/data
  rogatory peer suspend KZ-GPO --at-once "to see what happens" --data kg/data
  curl --unix-socket kz/data/gateway.sock http://localhost/metrics

GUIDE
    trap 'exit 0' INT TERM
    while :; do
        local who
        for who in kz kg; do
            kill -0 "${gateway_process[$who]}" 2>/dev/null || fail "the gateway of ${party[$who]} has ended"
        done
        sleep 1 &
        wait $! || true
    done
}
