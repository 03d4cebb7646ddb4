# shellcheck shell=bash
# Real evidence, and what people wrote about it.

samples=/usr/share/forensics-samples/original-files

prepare_material() {
    # The directory that the Kazakh gateway may read evidence from, for images too large to be sent through a program.
    mkdir -p "$data/evidence"
    image=$data/evidence/fs.multiple.img
    if [ ! -s "$image" ]; then
        xz --decompress --stdout "${samples%/*}/fs.multiple.xz" >"$image.part"
        mv "$image.part" "$image"
    fi
    cat >"$work/request.txt" <<'LETTER'
To the Prosecutor General's Office of the Republic of Kazakhstan

In the criminal case 03-109-24-000412 we request the image of the memory stick that was seized in Almaty on
3 November 2026 from the suspect named in the annex, and the files exported from it, for use in these proceedings.

Prosecutor General's Office of the Kyrgyz Republic, Department for International Cooperation
LETTER
    cat >"$work/answer.txt" <<'LETTER'
To the Prosecutor General's Office of the Kyrgyz Republic

In execution of your request KG-2026-0417 we transmit the image of a memory stick with four partitions, seized on
3 November 2026, and the files exported from it. The use is bound to the proceedings named in the request.

Prosecutor General's Office of the Republic of Kazakhstan, Department for International Cooperation
LETTER
    cat >"$work/acquisition.json" <<'ACQUISITION'
{
  "everyItem": {
    "acquisition": {
      "time": "2026-11-04T09:30:00Z", "place": "Astana, forensic laboratory", "person": "Aigerim Nurlanova",
      "tool": "dcfldd", "toolVersion": "1.9", "writeBlocker": "Tableau T8u",
      "device": { "kind": "memory stick", "make": "Kingston",
                  "identifiers": [ { "name": "serial number", "value": "60A44C3FACC9" } ] }
    },
    "custody": [
      { "time": "2026-11-03T14:05:00Z", "action": "seized", "person": "Daniyar Akhmetov", "place": "Almaty" }
    ]
  }
}
ACQUISITION
}
