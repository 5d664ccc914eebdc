"""Adds to country_names.csv what countries are called in the languages of places.zip, if a name means one country alone."""
import csv
from pathlib import Path
from pipeline.features.language.places import languages, place_names
from pipeline.features.gazetteer import COUNTRY
known={}
with open("data/taxonomy/countries.csv",encoding="utf-8",newline="") as f:
    for r in csv.DictReader(f):
        for n in [r["name"],*r["aliases"].split(";")]: known[n.casefold()]=r["code"]
p=Path("data/taxonomy/country_names.csv")
rows=[]
if p.exists():
    with p.open(encoding="utf-8",newline="") as f: rows=list(csv.DictReader(f))
seen={r["name"].casefold():r["code"] for r in rows}
found={}
for l in sorted(languages()):
    for c,n in ((n.code,n.name) for n in place_names(l) if n.kind == COUNTRY):
        found.setdefault(n.casefold(),{}).setdefault(c,(n,l))
new=[{"name":n,"code":c,"language":l} for k,d in found.items() if len(d)==1 for c,(n,l) in d.items() if k not in known and k not in seen and (len(n)>2 or not n.isascii())]

rows+=sorted(new,key=lambda r:(r["language"],r["code"]))
with p.open("w",encoding="utf-8",newline="") as f:
    w=csv.DictWriter(f,["name","code","language"],lineterminator="\n"); w.writeheader(); w.writerows(rows)

