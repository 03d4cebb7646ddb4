"""Takes a bundle through fifteen years with a timestamp authority made of openssl alone.

usage: renew_for_years.py ROGATORY EVIDENCE-VERIFY BUNDLE TRUST WORK

The bundle is sealed at baseline LT. faketime moves the clocks of our programs; nothing else is told what time it is.
Writes what each step ended with, and exits with 0 when all ended as they should.
"""

import http.server
import os
import shutil
import subprocess
import sys
import threading
import time
import zipfile

rogatory, verify, bundle, trust, work = sys.argv[1:6]
DAY = 86_400
now = int(time.time())
failures = []


def run(words, shift=0, check=True):
    """Runs a program with its clock put forward by some days."""
    if shift:
        words = ["faketime", "-f", f"+{shift}d"] + words
    done = subprocess.run(words, cwd=work, capture_output=True, text=True)
    if check and done.returncode != 0:
        sys.exit(f"{' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def utc(shift):
    return time.strftime("%y%m%d%H%M%SZ", time.gmtime(now + shift * DAY))


def write(name, text):
    with open(os.path.join(work, name), "w", encoding="utf-8") as file:
        file.write(text)


write(
    "openssl.cnf",
    """
[req]
distinguished_name = name
prompt = no
[name]
[root]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[stamping]
keyUsage = critical,digitalSignature,nonRepudiation
extendedKeyUsage = critical,timeStamping
authorityKeyIdentifier = keyid
[ca]
default_ca = authority
[authority]
database = index.txt
crlnumber = crlnumber
default_md = sha384
crl_extensions = list
[list]
authorityKeyIdentifier = keyid
[tsa]
default_tsa = stamps
[stamps]
serial = serial
signer_cert = tsa.crt
signer_key = tsa.key
signer_digest = sha512
default_policy = 1.2.3.4
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
""",
)
write("index.txt", "")
write("crlnumber", "01\n")
write("serial", "01\n")
for name, curve in (("root", "P-384"), ("tsa", "P-256")):
    run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{curve}", "-out", f"{name}.key"])
run(
    ["openssl", "req", "-new", "-x509", "-config", "openssl.cnf", "-extensions", "root", "-key", "root.key"]
    + ["-subj", "/C=XA/O=Years/CN=Root of Years", "-days", str(40 * 365), "-sha384", "-out", "root.crt"]
)
run(["openssl", "req", "-new", "-config", "openssl.cnf", "-key", "tsa.key", "-subj", "/C=XA/O=Years/CN=Stamps", "-out", "tsa.csr"])
run(
    ["openssl", "x509", "-req", "-in", "tsa.csr", "-CA", "root.crt", "-CAkey", "root.key", "-days", str(30 * 365)]
    + ["-sha384", "-extfile", "openssl.cnf", "-extensions", "stamping", "-out", "tsa.crt"]
)

RENEWAL = 200
run(
    ["openssl", "ca", "-config", "openssl.cnf", "-gencrl", "-cert", "root.crt", "-keyfile", "root.key"]
    + ["-crl_lastupdate", utc(RENEWAL - 1), "-crl_nextupdate", utc(RENEWAL + 7), "-out", "root.crl"]
)
# Without the demonstration's lists: nothing that was sealed may need them.
for name, lists in (("then", ["root.crl"]), ("later", [])):
    shutil.copytree(trust, os.path.join(work, name))
    shutil.copy(os.path.join(work, "root.crt"), os.path.join(work, name, "timestamping", "anchors", "years.crt"))
    crls = os.path.join(work, name, "crls")
    for file in os.listdir(crls):
        os.remove(os.path.join(crls, file))
    for file in lists:
        shutil.copy(os.path.join(work, file), crls)


class Stamps(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        with open(os.path.join(work, "query"), "wb") as file:
            file.write(self.rfile.read(int(self.headers["Content-Length"])))
        run(["openssl", "ts", "-reply", "-config", "openssl.cnf", "-queryfile", "query", "-out", "answer"], RENEWAL)
        with open(os.path.join(work, "answer"), "rb") as file:
            body = file.read()
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Stamps)
threading.Thread(target=server.serve_forever, daemon=True).start()


def expect(what, done, status, text):
    good = done.returncode == status and text in done.stdout + done.stderr
    print(f"{'holds' if good else 'FAILS'}\t{what}\texit code {done.returncode}")
    if not good:
        failures.append(what)
        print(done.stdout + done.stderr)


def check(path, shift, store="later", *more):
    return run([verify, "bundle", path, "--trust", store, *more], shift, check=False)


expect("at first, without services", check(bundle, 0), 0, "PASSED")
expect("after 200 days, without services", check(bundle, RENEWAL), 0, "PASSED")
expect(
    "renewed after 200 days",
    run(
        [rogatory, "bundle", "renew", bundle, "--out", "renewed.asice", "--trust", "then"]
        + ["--tsa", f"http://127.0.0.1:{server.server_port}/"],
        RENEWAL,
        check=False,
    ),
    0,
    "renewal         1",
)
years = 15 * 365
expect("after fifteen years, renewed", check("renewed.asice", years), 0, "PASSED")
expect("after fifteen years, not renewed", check(bundle, years), 1, "certificate.expired")
expect("before the renewal's time", check("renewed.asice", 0), 1, "timestamp.future")

with zipfile.ZipFile(os.path.join(work, "renewed.asice")) as archive:
    archive.extractall(os.path.join(work, "opened"))
expect(
    "openssl verifies the renewal's token",
    run(
        ["openssl", "ts", "-verify", "-token_in", "-in", "opened/META-INF/timestamp001.tst"]
        + ["-data", "opened/META-INF/ASiCArchiveManifest.xml", "-CAfile", "root.crt"]
        + ["-attime", str(now + years * DAY)],
        check=False,
    ),
    0,
    "Verification: OK",
)

from asn1crypto import cms  # noqa: E402 (only this last check needs it)

for name in ("signature.p7s", "timestamp001.tst"):
    with open(os.path.join(work, "opened", "META-INF", name), "rb") as file:
        signed = cms.ContentInfo.load(file.read(), strict=True)["content"]
    carried = [choice.name for choice in signed["crls"]]
    good = bool(carried) and set(carried) <= {"crl", "other"}
    print(f"{'holds' if good else 'FAILS'}\tasn1crypto reads {len(carried)} statements in {name}")
    if not good:
        failures.append(name)
sys.exit(1 if failures else 0)
