import Foundation
import HTTPTypes
import ProgramSupport
import TestSupport
import Testing

@testable import TokenPage

@Suite struct PageTemplatesTests {
    @Test func aMissingTemplateIsNamed() throws {
        let directory = try TemporaryDirectory()
        let error = #expect(throws: ConfigurationError.self) { try PageTemplates(directory: directory.path) }
        #expect(error?.description.contains("\(directory.path)/home.mustache cannot be read") == true)
        #expect(error?.description.contains("TOKEN_PAGE_TEMPLATES") == true)
    }

    @Test func aTemplateThatCannotBeParsedIsNamed() throws {
        let directory = try TemporaryDirectory()
        try directory.write("{{#open}}", to: "home.mustache")
        let error = #expect(throws: ConfigurationError.self) { try PageTemplates(directory: directory.path) }
        #expect(error?.description.contains("home.mustache is not a Mustache template") == true)
    }

    @Test func anotherTemplateIsUsedAsItIsAndStillEscapes() throws {
        let directory = try TemporaryDirectory()
        try directory.write("[{{token}}]", to: "home.mustache")
        try directory.write("({{headline}})", to: "notice.mustache")
        var page = HomePage.blank
        page.token = "<b\"\u{301}>"
        let templates = try PageTemplates(directory: directory.path)
        #expect(templates.render(page) == "[&lt;b&quot;\u{301}&gt;]")
        #expect(templates.render(ErrorPage(.notFound, lead: "", requestID: "1")) == "(Not Found)")
    }
}

@Suite struct TemplateDirectoryTests {
    @Test func aSettingWins() throws {
        let directory = try TemporaryDirectory()
        try directory.write("", to: "home.mustache")
        let found = try TemplateDirectory.find(
            setting: directory.path,
            executable: "/nowhere/bin/token-page",
            workingDirectory: Checkout.root.path
        )
        #expect(found == directory.path)
    }

    @Test func aSettingThatLeadsNowhereIsAnErrorAndNotOverlooked() {
        let error = #expect(throws: ConfigurationError.self) {
            try TemplateDirectory.find(
                setting: "/nowhere",
                executable: "/nowhere/bin/token-page",
                workingDirectory: Checkout.root.path
            )
        }
        #expect(error?.description.hasPrefix("TOKEN_PAGE_TEMPLATES names /nowhere") == true)
    }

    @Test func anInstalledProgramFindsItsShareFolder() throws {
        let directory = try TemporaryDirectory()
        try directory.write("", to: "share/token-page/www/templates/home.mustache")
        let found = try TemplateDirectory.find(
            setting: nil,
            executable: "\(directory.path)/bin/token-page",
            workingDirectory: Checkout.root.path
        )
        #expect(found == "\(directory.path)/share/token-page/www/templates")
    }

    @Test func aCheckoutHasThemInTheWorkingDirectory() throws {
        let found = try TemplateDirectory.find(
            setting: nil,
            executable: "/nowhere/bin/token-page",
            workingDirectory: Checkout.root.path
        )
        #expect(found == Checkout.templates)
    }

    @Test func withoutAnyBothPlacesAreNamed() {
        let error = #expect(throws: ConfigurationError.self) {
            try TemplateDirectory.find(setting: nil, executable: "/nowhere/bin/token-page", workingDirectory: "/empty")
        }
        #expect(error?.description.contains("/nowhere/share/token-page/www/templates nor /empty/www/templates") == true)
    }
}
