"""tmp"""
from qaplatform.store.engine import Store
from tests.web.conftest import SignIn
from qaplatform.store.tables import LlmEndpoint
from qaplatform import clock
def test_x(store: Store, signed_in: SignIn, conversations: None) -> None:
    with store.writing() as session:
        session.add(LlmEndpoint(name="本机",base_url="http://127.0.0.1:9/v1",model="m",created_at=clock.now()))
    c = signed_in("lead")
    r=c.get("/grader/runs/new?which=failed&since=2026-10-01&until=2027-11-27&most=20&seed=7&prompts=tone&model=1&foresee=1")
    assert r.status_code==200, r.text
