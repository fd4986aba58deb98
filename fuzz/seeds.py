#!/usr/bin/env python3
"""Makes seeds for the fuzz targets from the golden stories, the documentation and the fixtures.

    fuzz/seeds.py FOLDER     writes FOLDER/TARGET/seed-N

`scripts/fuzz.sh` runs it before each run: seeds are made, not kept. What fuzzing has found beyond
them is kept in `fuzz/corpus`.
"""

import hashlib
import json
import re
import struct
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEYS = "when|stay|unless|if|points|each|while|on|set|add|remove|event|score|A|B|C"
SETTINGS = "project|zone|week_starts|currency|constants|events|start|plans|identity|exclude|outcomes|import"


def write(folder, target, contents):
    """Writes one seed, named by what it holds."""
    data = contents if isinstance(contents, bytes) else contents.encode()
    path = folder / target
    path.mkdir(parents=True, exist_ok=True)
    (path / hashlib.sha1(data).hexdigest()).write_bytes(data)


def texts(yaml):
    """The texts of the language in a file: values of the keys that hold one."""
    lines = yaml.splitlines()
    for number, line in enumerate(lines):
        found = re.match(rf"^(\s*(?:- )?)(?:{KEYS}): *(.*)$", line)
        if not found:
            continue
        indent, value = len(found[1]), found[2].strip()
        if value in ("|", ">", "|-", ">-"):
            block = []
            for more in lines[number + 1 :]:
                if more.strip() and len(more) - len(more.lstrip()) <= indent:
                    break
                block.append(more.strip())
            yield "\n".join(block).strip()
        elif value.startswith("{"):
            yield from re.findall(r"(?:when|stay): (.*?)(?:, stay:| }|$)", value)
        elif value:
            yield value.strip("'") if value.startswith("'") else value


def projects(yaml):
    """A file of definitions, as projects of one definition each with all that is not one."""
    documents = re.split(r"(?m)^---.*\n", yaml)
    rest = [it for it in documents if not re.search(r"(?m)^definition:", it)]
    for document in documents:
        if document not in rest:
            named = re.findall(r"qualified\(([\w-]+)", document)
            read = [it for it in documents if any(f"definition: {name}\n" in it for name in named)]
            yield "---\n".join(dict.fromkeys([*rest, *read, document]))


def main(folder):
    yaml = [it.read_text() for it in sorted((ROOT / "golden").glob("*.yaml"))]
    yaml.append((ROOT / "crates/rules/tests/laws/pool.yaml").read_text())
    for text in yaml:
        for it in texts(text):
            write(folder, "language", it)
        for it in projects(text):
            write(folder, "configuration", it)
            write(folder, "rows", it)
    for page in sorted((ROOT / "docs").glob("*.md")):
        text = page.read_text()
        for it in re.findall(r"(?ms)^```yaml\n(.*?)^```", text):
            write(folder, "configuration", it)
        if page.name == "language.md":
            for it in re.findall(r"`([^`\n]{4,})`", text):
                write(folder, "language", it)
    for name in ["firsthand.yaml", "definitions/*.yaml"]:
        for path in ROOT.glob(f"crates/firsthand/*/{name}"):
            write(folder, "configuration", path.read_text())
    fixtures = ROOT / "crates/collect/tests/it/fixtures"
    for path in sorted(fixtures.glob("*")):
        data = path.read_bytes()
        shape = re.sub(r"_people|\..*", "", path.name).replace("rudderstack", "segment")
        target = "import_csv" if path.suffix == ".csv" else f"import_{shape}"
        write(folder, target, data)
        for line in data.splitlines():
            write(folder, target, line)
        for packing in range(4):
            write(folder, "import_packed", packed(packing, data[:3000]))
    tests = (ROOT / "crates/collect/tests/it/ugly.rs").read_text()
    for it in re.findall(r'"((?:[^"\\]|\\.)*\\n(?:[^"\\]|\\.)*)"', tests):
        it = it.replace("\\n", "\n").replace('\\"', '"').replace("\\t", "\t")
        write(folder, "import_csv", it)
    for it in MAPPINGS:
        write(folder, "import_mapped", it)
    for path in sorted((ROOT / "crates/collect/tests/wire/bodies").glob("*.json")):
        for call in json.loads(path.read_text()):
            write(folder, "live", f"{call['path']}\n{call['body']}")
    for it in CALLS:
        write(folder, "live", it)
    for row in ["x,Login,2026-01-01,ana,n", 'y,"Report, exported",01/02/2026 09:00,bob,"a\nb"']:
        write(folder, "import_csv", row)
    for number in range(64):
        drawn = b"".join(hashlib.sha256(bytes([number, it])).digest() for it in range(6))
        write(folder, "import_parquet", drawn)


def packed(packing, data):
    """What `import_packed` draws its choices from, and the text behind it."""
    return struct.pack("<BBqq", packing, packing, 40, 7) + data


MAPPINGS = [
    "event_name=Login\ntime=day\nperson=user\n\nuser,day\na,2026-01-01\nb,2026-01-02\n",
    "event=what\ntime=at\nperson=who\naccount=org\nid=id\nzone=Europe/Berlin\ndrop=x\n"
    "rename=n:amount\n\nid;what;at;who;org;n;x\n1;Paid;29.03.2026 02:30;ana;acme;1,5;y\n",
    "kind=traits\nof=account\naccount=org\ntime=at\n\norg,at,plan\nacme,2026-01-01,free\n",
    "kind=membership\nperson=who\naccount=org\n\nwho,org,role,joined\nana,acme,admin,true\n",
    "kind=number\nof=person\nperson=who\ntime=t\ntime_format=epoch ms\n\nwho\tt\thealth\n"
    "ana\t1767323045678\t0.7\n",
    "kind=link\nperson=who\nanonymous=anon\ntime=t\ntime_format=%d/%m/%Y\n\nwho,anon,t\nana,x,02/01/2026\n",
    "kind=record\nevent_name=Invoice\naccount=a.id\ntime=t\nknown_at=k\ntime_format=epoch s\n\n"
    '{"a":{"id":7},"t":1767323045,"k":1767323046,"amount":9.5}\n',
    "wide=a,b\ntime=day\nperson=user\n\nuser,day,a,b\nana,2026-01-01,1,\nbob,2026-01-01,,2\n",
    "header=user,day\nencoding=latin-1\nevent_name=Login\ntime=day\nperson=user\n"
    "time_format=day first\n\nana,01/02/2026\n",
]

CALLS = [
    '/v1/facts\n{"event":"E","person":"u"}\n{"traits":{"plan":"pro"},"account":"a"}\n',
    '/v1/cloudevents\n[{"specversion":"1.0","id":"1","type":"t","subject":"u","data":{"a":1}}]',
    "/i?e=se&aid=shop&uid=u&se_ac=x&se_va=1.5&cx=e30",
    "/pixel/v1/track?event=E&anonymousId=d&properties.a=1",
    "/v1/pixel/track?data=eyJldmVudCI6IkUiLCJ1c2VySWQiOiJ1In0",
    "/e/?compression=lz64\ndata=IZA%3D",
    "/array/wk_web/config.js",
    "/v1/projects/wk_web/settings",
]

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
