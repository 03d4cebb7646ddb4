# shellcheck shell=bash
# What the bundle that travelled is worth in many years: proven with every service down, renewed, reported for a court.

# A trust directory that knows no revocation list: whatever is proven with it, the bundle proves itself.
trust_alone() {
    cp -r "$pki/trust" "$work/trust-alone"
    rm -f "$work"/trust-alone/crls/*
}

# The renewal's timestamp is over its archive manifest, which states SHA-512 of every other file.
check_renewal() {
    local folder=$work/renewed
    unzip -qo "$work/renewed.asice" -d "$folder" &&
        openssl ts -verify -token_in -in "$folder/META-INF/timestamp001.tst" \
            -data "$folder/META-INF/ASiCArchiveManifest.xml" -CAfile "$work/anchors.pem"
}

check_reports() {
    local language
    for language in en ru kk zh; do
        evidence-verify bundle "$work/bundle.asice" --trust "$pki/trust" --certificate "$1.crt" --key "$1.key" \
            --language "$language" --report "$work/report-$language.html" >/dev/null || return 1
    done
    evidence-verify bundle "$work/bundle.asice" --trust "$pki/trust" --certificate "$1.crt" --key "$1.key" \
        --report "$work/report.xml" >/dev/null && xmllint --noout --schema "$root/Schemas/verification-report.xsd" "$work/report.xml"
}

prove_decades() {
    local recipient=$pki/parties/KG-GPO/encryption
    heading "In many years: every service is down, certificates have ended, a judge reads Russian or Kazakh"
    trust_alone
    record "proven by what it carries, every trust service down" "evidence-verify bundle" \
        evidence-verify bundle "$work/bundle.asice" --trust "$work/trust-alone"
    show rogatory bundle renew "$work/bundle.asice" --out "$work/renewed.asice" --trust "$pki/trust" --tsa "$services/tsa"
    record "the renewed bundle, every trust service down" "evidence-verify bundle" \
        evidence-verify bundle "$work/renewed.asice" --trust "$work/trust-alone"
    record "time of the renewal" "openssl ts -verify" check_renewal
    record "report in four languages, and as XML by its schema" "xmllint" check_reports "$recipient"
    rm -rf "$work/renewed"
    echo "  $work/report-ru.html is for a court"
}
