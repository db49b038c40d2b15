"""A login proxy with the interface of oauth2-proxy, for people whose session is a cookie of the form NAME.DIGEST.

GET /oauth2/auth       202 with X-Auth-Request-User and -Email where the cookie is good, else 401
GET /oauth2/start      302 to the provider, with the address to come back to: rd, or X-Auth-Request-Redirect
GET /oauth2/sign_in    200, a page
Every request's headers go to standard output, one JSON object a line.
"""

import hashlib
import hmac
import http.cookies
import http.server
import json
import sys
import urllib.parse

KEY = b"the key of this test"


def digest(name):
    return hmac.new(KEY, name.encode(), hashlib.sha256).hexdigest()


class Proxy(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        print(json.dumps({"path": self.path, "headers": {k.lower(): v for k, v in self.headers.items()}}), flush=True)
        path, _, query = self.path.partition("?")
        if path == "/oauth2/auth":
            cookie = http.cookies.SimpleCookie(self.headers.get("Cookie", "")).get("_oauth2_proxy")
            name, _, proof = (cookie.value if cookie else "").partition(".")
            if not hmac.compare_digest(proof, digest(name)):
                return self.answer(401)
            fields = {"X-Auth-Request-User": name, "X-Auth-Request-Email": name + "@example.com"}
            if name == "renewed":
                fields["Set-Cookie"] = "_oauth2_proxy=again; Path=/; Secure; HttpOnly"
            return self.answer(202, fields)
        if path == "/oauth2/start":
            wanted = urllib.parse.parse_qs(query).get("rd", [self.headers.get("X-Auth-Request-Redirect", "/")])[0]
            # Only paths of this site.
            back = wanted if wanted.startswith("/") and not wanted.startswith(("//", "/\\")) else "/"
            state = urllib.parse.quote(back, safe="")
            return self.answer(302, {"Location": "https://login.example.com/authorize?state=" + state})
        return self.answer(200 if path == "/oauth2/sign_in" else 404)

    do_POST = do_GET

    def answer(self, status, fields={}):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


if sys.argv[1] == "cookie":
    print(sys.argv[2] + "." + digest(sys.argv[2]))
else:
    http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Proxy).serve_forever()
