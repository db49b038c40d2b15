import Testing

@testable import AppAuthentication

@Suite("ConnectionStringParser")
struct ConnectionStringParserTests {
    /// The value of the key that stands in the text.
    @Test(arguments: [
        ("RunAs='value=true'", "value=true"),
        ("RunAs=\"value;value2\"", "value;value2"),
        ("RunAs= \"\"\"value=true\"\"\" ", "\"value=true\""),
        ("RunAs='\"value=true\"'", "\"value=true\""),
        ("RunAs='it''s'", "it's"),
        (";;RunAs=App;;", "App"),
        (" ; ;RunAs = App ; ", "App"),
        ("RunAs=it's", "it's"),
        ("RunAs=''", ""),
        ("RunAs=", ""),
        ("RunAs=   ;", ""),
        ("RunAs=App RunAs=x", "App RunAs=x"),
        ("RunAs='App'", "App"),
        ("RunAs=' App '", " App "),
        ("RUNAS=App", "App"),
        ("RunAs=abc==", "abc=="),
        ("RunAs= =b", "=b"),
        ("RunAs=App\0\0", "App"),
        ("RunAs='App'\0 \0", "App"),
        ("RunAs=a\tb  c   ", "a\tb  c"),
        ("RunAs=App;\r\n", "App"),
        ("RunAs=über;", "über"),
        ("Other=1;RunAs=\"a'b\"", "a'b"),
        ("RunAs='a\"b'", "a\"b"),
        ("RunAs={App;", "{App"),
        ("RunAs=a\\b", "a\\b"),
        ("RunAs='a\\'", "a\\"),
        ("RunAs=\"a;b\" ; Other=2", "a;b"),
    ])
    func valuesAreReadByTheGrammar(text: String, value: String) throws {
        #expect(try ConnectionStringParser.parse(text).value(.runAs) == value)
    }

    @Test(arguments: [
        "RunAs:Invalid; DeveloperTool:AzureCLI",
        "KeyName='value='true''",
        "KeyName=\"value=\"true\"\"",
        "KeyName=\"\"value\"\"",
        "KeyName='value'value;",
        "KeyName='value\"",
        "KeyName='value",
        "KeyName='a\0b'",
        "KeyName=a\u{1}b",
        "Key\u{1}Name=a",
        "RunAs==App",
        "RunAs=App;b",
        "=x",
        "RunAs",
        "RunAs=value'",
        "RunAs=App\0;DeveloperTool=x",
        "a====b",
    ])
    func whatTheGrammarDoesNotAllowIsAFormatError(text: String) {
        #expect(throws: ConnectionStringError.improperFormat(text)) {
            try ConnectionStringParser.parse(text)
        }
    }

    @Test(arguments: [
        ("a==b=c", "a=b"), ("a b = c", "a b"), ("a ==b=c", "a =b"), ("'RunAs'=App", "'RunAs'"), ("a;b=c", "a;b"),
    ])
    func keysMayHaveEqualsSignsSpacesAndQuotes(text: String, key: String) {
        // The key shows in the error that its repetition gives.
        let again = "\(text);\(text)"
        #expect(throws: ConnectionStringError.repeatedKey(key, connectionString: again)) {
            try ConnectionStringParser.parse(again)
        }
    }

    @Test func aRepeatedKeyIsNamedAsWrittenTheSecondTime() {
        let text = "RunAs=Developer; DeveloperTool=AzureCli; RUNAS=Developer"
        let error = #expect(throws: ConnectionStringError.self) { try ConnectionStringParser.parse(text) }
        #expect(
            error?.message == "Connection string \(text) is not in a proper format. Key 'RUNAS' is repeated."
        )
    }

    @Test(arguments: ["", "  ", "\n"])
    func aBlankTextIsEmpty(text: String) {
        let error = #expect(throws: ConnectionStringError.self) { try ConnectionStringParser.parse(text) }
        #expect(error?.message == "Connection string is empty.")
    }

    @Test func theFormatErrorSaysWhatIsExpected() {
        let error = #expect(throws: ConnectionStringError.self) { try ConnectionStringParser.parse("RunAs") }
        #expect(
            error?.message
                == "Connection string RunAs is not in a proper format. Expected format is Key1=Value1;Key2=Value2;"
        )
    }
}
