import time
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.api.people import *
def test_q():
    o=Owner()
    for n in range(300): o.remembers(f"She has read book number {n} about {['nuts','cars','tea','birds'][n%4]}.")
    a=o.grants({"Personal":WRITE})
    for p,b in (("me",None),("search",{"query":"nuts"}),("context",{"query":"nuts","max_tokens":1000}),("memories?limit=50",None),("memories",{"text":"new one"})):
        f=(lambda: a.get(p)) if b is None else (lambda: a.post(p,b))
        f()
        
        with CaptureQueriesContext(connection) as q:
            r=f(); n=len(q); sqls=[x['sql'][:130] for x in q]
        t=time.perf_counter()
        for _ in range(20): f()
        print(p, r.status_code, n, f"{(time.perf_counter()-t)/20*1000:.1f} ms", len(r.content))
        if p=="context":
            print("\n".join(sqls))
