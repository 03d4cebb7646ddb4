import EvidencePackaging
import ExchangeModel
import Foundation
import GatewaySchemas
import Testing

/// What programs that others wrote say of our manifests and schemas.
@Suite struct ForeignToolTests {
    /// xmllint holds documents against our XSDs with libxml2's tree validator, a path that our reader does not take.
    @Test func xmllintAcceptsWhatWeWrite() throws {
        let asic = ASiCManifest(
            entries: ManifestSamples.asic.map { .init(uri: $0.uri, mediaType: $0.mediaType, sha256: $0.sha256) }
        )
        let cases: [(schema: [UInt8], document: [UInt8])] = [
            (SchemaBytes.exchangeHeader, try ManifestSamples.header.xml()),
            (SchemaBytes.evidenceManifest, try ManifestSamples.full.xml()),
            (SchemaBytes.evidenceManifest, try ManifestSamples.minimal.xml()),
            (SchemaBytes.evidenceManifest, try ManifestSamples.soleRelease.xml()),
            (SchemaBytes.asicManifest, try asic.xml()),
        ]
        for (schema, document) in cases {
            let result = try ForeignTool.run(
                ["xmllint", "--nonet", "--noout", "--schema", "schema.xsd", "document.xml"],
                files: ["schema.xsd": schema, "document.xml": document]
            )
            #expect(result.status == 0, "\(result.output)")
        }
    }

    /// Python reads XML and JSON apart, compares them, checks the JSON Schema and writes the canonical form itself.
    @Test(arguments: ManifestSamples.all)
    func pythonReadsTheSameFromBoth(_ manifest: EvidenceManifest) throws {
        let result = try ForeignTool.run(
            ["/usr/bin/python3", "check.py"],
            files: [
                "check.py": Array((Self.converter + Self.comparison).utf8),
                "schema.json": SchemaBytes.evidenceManifestJSON,
                "manifest.json": try manifest.json(),
                "manifest.xml": try manifest.xml(),
            ]
        )
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output == "equal\n")
    }

    /// Every single change of a list is refused by both schemas or by none.
    @Test func bothSchemasRefuseTheSame() throws {
        let result = try ForeignTool.run(
            ["/usr/bin/python3", "check.py"],
            files: [
                "check.py": Array((Self.converter + Self.differential).utf8),
                "schema.json": SchemaBytes.evidenceManifestJSON,
                "schema.xsd": SchemaBytes.evidenceManifest,
                "manifest.json": try ManifestSamples.full.json(),
                "manifest.xml": try ManifestSamples.full.xml(),
            ]
        )
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.hasPrefix("equal "))
    }

    private static let converter = #"""
        import json, subprocess, copy
        import jsonschema
        import xml.etree.ElementTree as etree

        NAMESPACE = "{urn:rogatory:evidence-manifest:1}"
        NUMBERS = {"formatVersion", "sequence", "highestSequenceSeen", "size"}
        LISTS = {"requiredSigners": "signer", "fields": "field", "cites": "contentDigest", "documents": "document",
                 "evidence": "item", "custody": "event", "identifiers": "field"}

        def name(element):
            assert element.tag.startswith(NAMESPACE)
            return element.tag[len(NAMESPACE):]

        def value(element):
            assert not element.attrib
            if name(element) in LISTS:
                assert all(name(child) == LISTS[name(element)] for child in element)
                return [value(child) for child in element]
            if len(element):
                assert len({name(child) for child in element}) == len(element)
                return {name(child): value(child) for child in element}
            text = element.text or ""
            return int(text) if name(element) in NUMBERS else text

        schema = json.load(open("schema.json"))
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        raw = open("manifest.json", "rb").read()
        from_json = json.loads(raw)
        from_xml = value(etree.parse("manifest.xml").getroot())

        """#

    private static let comparison = #"""
        validator.validate(from_json)
        assert from_json == from_xml
        canonical = json.dumps(from_json, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert canonical.encode() == raw
        print("equal")

        """#

    private static let differential = #"""
        def build(parent, key, data):
            element = etree.SubElement(parent, NAMESPACE + key)
            fill(element, key, data)

        def fill(element, key, data):
            if isinstance(data, list):
                for item in data:
                    build(element, LISTS[key], item)
            elif isinstance(data, dict):
                for member in ORDER(data):
                    build(element, member, data[member])
            else:
                element.text = str(data)

        # The order of members that the XSD demands, taken from the most complete record of each kind.
        orders = []
        def collect(element):
            if name(element) not in LISTS and len(element):
                orders.append([name(child) for child in element])
            for child in element:
                collect(child)
        collect(etree.parse("manifest.xml").getroot())
        def ORDER(data):
            keys = set(data) - {"unknown"}
            for order in orders:
                if keys <= set(order):
                    return [key for key in order if key in keys] + [key for key in data if key == "unknown"]
            raise AssertionError(keys)

        etree.register_namespace("", NAMESPACE[1:-1])
        def write(data, file):
            root = etree.Element(NAMESPACE + "evidenceManifest")
            fill(root, "evidenceManifest", data)
            etree.ElementTree(root).write(file, encoding="UTF-8", xml_declaration=True)

        def xml_verdicts(count):
            files = [f"{number}.xml" for number in range(count)]
            said = subprocess.run(["xmllint", "--nonet", "--noout", "--schema", "schema.xsd"] + files,
                                  capture_output=True, text=True, errors="replace").stderr.splitlines()
            good = {line.split()[0] for line in said if line.endswith(".xml validates")}
            bad = {line.split()[0] for line in said if line.endswith(".xml fails to validate")}
            assert len(good) + len(bad) == count and not good & bad
            return [file in good for file in files]

        def places(data, path=()):
            yield path
            items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
            for key, child in items:
                yield from places(child, path + (key,))

        def at(data, path):
            for key in path:
                data = data[key]
            return data

        TEXTS = ["", "x", "\t", "\u0085", "y" * 1024, "y" * 1025, "y" * 65536, "y" * 65537, "A" * 64, "a" * 64,
                 "2026-11-22T10:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T10:00:00", "KZ-GPO", "kz-gpo", "evidence/0001",
                 "evidence/../x", "documents/00001", "documents/000001", "text/plain", "TEXT/PLAIN", "text/", "un-uncac-2003",
                 "officer", "letter", "request", "permitted", "zh-Hant", "urn:uuid:0190a0a0-0000-7000-8000-000000000000",
                 "urn:uuid:0190a0a0-0000-4000-8000-000000000000"]
        NUMBER_VALUES = [-1, 0, 1, 9007199254740991, 9007199254740992, 10**30]
        base = copy.deepcopy(from_json)
        write(base, "0.xml")
        cases = [("unchanged", None, None)]
        json_verdicts = [validator.is_valid(base)]
        seen = set()
        for path in list(places(base)):
            # One place of each kind is enough.
            kind = tuple("#" if isinstance(key, int) else key for key in path)
            if kind in seen:
                continue
            seen.add(kind)
            changes = []
            current = at(base, path)
            if isinstance(current, str):
                changes = [("set", text) for text in TEXTS]
            elif isinstance(current, int):
                changes = [("set", number) for number in NUMBER_VALUES]
            elif isinstance(current, dict):
                changes = [("add", None)]
            if path and isinstance(path[-1], str):
                changes.append(("remove", None))
            for change, new in changes:
                data = copy.deepcopy(base)
                if change == "set":
                    at(data, path[:-1])[path[-1]] = new
                elif change == "add":
                    at(data, path)["unknown"] = "x"
                else:
                    del at(data, path[:-1])[path[-1]]
                write(data, f"{len(cases)}.xml")
                cases.append((path, change, str(new)[:40]))
                json_verdicts.append(validator.is_valid(data))
        verdicts = xml_verdicts(len(cases))
        assert verdicts[0]
        for case, json_good, xml_good in zip(cases, json_verdicts, verdicts):
            assert json_good == xml_good, (case, json_good, xml_good)
        assert len(cases) > 1000 and 0 < verdicts.count(False) < len(cases)
        print("equal", len(cases), verdicts.count(False))

        """#

    /// The refusal tests run again under strace: no file or address of a payload is ever asked for.
    @Test func noPayloadReachesAFileOrASocket() throws {
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let result = try ForeignTool.run(
            [
                "strace", "-f", "-qq", "-e", "trace=%file,%network", program, "--testing-library",
                "swift-testing",
                "--filter", "PayloadTests",
            ],
            files: [:]
        )
        #expect(result.status == 0, "\(result.output.suffix(2_000))")
        // Proof that the trace is one: the payloads were run, and the program's own libraries were seen.
        #expect(result.output.contains("libxml2.so"))
        #expect(result.output.contains("Suite PayloadTests passed"))
        #expect(!result.output.contains("rogatory-sentinel"))
        #expect(!result.output.contains("AF_INET"))
    }
}

/// Documents that ask for a file or an address.
@Suite struct PayloadTests {
    private static let file = "file:///rogatory-sentinel/secret"
    private static let network = "http://127.0.0.1:9/secret"

    private static let payloads: [String] = [file, network].flatMap { target in
        [
            "<!DOCTYPE a [<!ENTITY x SYSTEM \"\(target)\">]><a>&x;</a>",
            "<!DOCTYPE a [<!ENTITY % p SYSTEM \"\(target)\"> %p;]><a/>",
            "<!DOCTYPE a SYSTEM \"\(target)\"><a/>",
            "<!DOCTYPE a PUBLIC \"-//x//y\" \"\(target)\"><a/>",
            "<a xmlns:i=\"http://www.w3.org/2001/XInclude\"><i:include parse=\"text\" href=\"\(target)\"/></a>",
            "<?xml-stylesheet type=\"text/xsl\" href=\"\(target)\"?><a/>",
            "<a xmlns:s=\"http://www.w3.org/2001/XMLSchema-instance\" s:noNamespaceSchemaLocation=\"\(target)\"/>",
            "<a xmlns=\"urn:x\" xmlns:s=\"http://www.w3.org/2001/XMLSchema-instance\" s:schemaLocation=\"urn:x \(target)\"/>",
        ]
    }

    @Test func everyPayloadIsRefused() {
        for payload in Self.payloads {
            #expect(manifestCode { _ = try ExchangeHeader(xml: Array(payload.utf8)) } != nil)
            #expect(manifestCode { _ = try EvidenceManifest(xml: Array(payload.utf8)) } != nil)
            #expect(manifestCode { _ = try ASiCManifest(xml: Array(payload.utf8)) } != nil)
        }
    }
}
