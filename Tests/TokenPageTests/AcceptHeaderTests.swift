import Testing

@testable import TokenPage

@Suite struct AcceptHeaderTests {
    @Test(arguments: [
        ([], AcceptHeader.Form.html),
        ([""], .html),
        (["*/*"], .html),
        (["text/html"], .html),
        (["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"], .html),
        (["application/json"], .json),
        (["Application/JSON"], .json),
        (["application/json; charset=utf-8"], .json),
        (["application/json, text/plain, */*"], .json),
        (["application/json, */*;q=0.5"], .json),
        (["application/*"], .json),
        (["application/json;q=0.5, text/html"], .html),
        (["application/json;q=0.9, text/html;q=0.8"], .json),
        (["application/json ; q=0.9 , text/html ; q=0.8"], .json),
        (["text/html, application/json"], .html),
        (["application/json, text/html"], .html),
        (["application/json;q=0"], .html),
        (["application/json;q=0, */*"], .html),
        (["text/html;q=0, */*"], .json),
        (["application/json;q=nan"], .html),
        (["application/json;q=7, text/html;q=1"], .html),
        (["image/png"], .html),
        (["text/html;q=0.1", "application/json"], .json),
        ([",,;;=;q=,"], .html),
        ([String(repeating: "a/b,", count: 100_000) + "application/json"], .html),
    ])
    func theHeaderChoosesTheForm(values: [String], form: AcceptHeader.Form) {
        #expect(AcceptHeader.preferredForm(values) == form)
    }
}
