"""States and countries as they stand at the end of English addresses."""

from __future__ import annotations

_NAMES = (
    "nsw new south wales,qld queensland,vic victoria,tas tasmania,sa south australia,wa western australia,act australian capital territory,"
    "nt northern territory,al alabama,ak alaska,az arizona,ar arkansas,ca california,co colorado,ct connecticut,de delaware,fl florida,"
    "ga georgia,hi hawaii,id idaho,il illinois,in indiana,ia iowa,ks kansas,ky kentucky,la louisiana,me maine,md maryland,ma massachusetts,"
    "mi michigan,mn minnesota,ms mississippi,mo missouri,mt montana,ne nebraska,nv nevada,nh new hampshire,nj new jersey,nm new mexico,"
    "ny new york,nc north carolina,nd north dakota,oh ohio,ok oklahoma,or oregon,pa pennsylvania,ri rhode island,sc south carolina,"
    "sd south dakota,tn tennessee,tx texas,ut utah,vt vermont,va virginia,wv west virginia,wi wisconsin,wy wyoming,on ontario,qc quebec,"
    "bc british columbia,ab alberta,mb manitoba,sk saskatchewan,ns nova scotia,nb new brunswick,mh maharashtra,tn tamil nadu,ka karnataka,"
    "dl delhi,up uttar pradesh,wb west bengal,gj gujarat,rj rajasthan,kl kerala,ts telangana,hr haryana,pb punjab"
)

STATES: dict[str, str] = {}
"""Short and long names of states → the long name; where a short one is that of two, the first."""
for _one in _NAMES.split(","):
    _short, _long = _one.split(" ", 1)
    STATES.setdefault(_short, _long)
    STATES[_long] = _long

# Two states share 'wa', two 'tn'; 'washington' is a city as well. Neither of two contradicts the other.
STATES["wa"] = STATES["washington"] = STATES["western australia"] = "western australia or washington"
STATES["tn"] = STATES["tennessee"] = STATES["tamil nadu"] = "tennessee or tamil nadu"

COUNTRIES = [
    "united kingdom",
    "uk",
    "great britain",
    "gb",
    "england",
    "scotland",
    "wales",
    "northern ireland",
    "ireland",
    "usa",
    "us",
    "u.s.a.",
    "united states",
    "united states of america",
    "australia",
    "new zealand",
    "nz",
    "india",
    "canada",
    "china",
    "p.r. china",
    "pr china",
    "prc",
    "hong kong",
    "singapore",
]

OLD_NAMES = {
    "bangalore": "bengaluru", "bombay": "mumbai", "calcutta": "kolkata", "madras": "chennai", "gurgaon": "gurugram",
    "peking": "beijing", "canton": "guangzhou", "trivandrum": "thiruvananthapuram", "cochin": "kochi", "poona": "pune",
}  # fmt: skip
"""What cities were called before → what they are called."""
