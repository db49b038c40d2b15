import Testing
import VaultAPI

struct PolicyGrantTests {
    @Test(arguments: [
        (
            "72F988BF-86F1-41AF-91AB-2D7CD011DB47", "6f2d4a1e-0000-4000-8000-00000000000a",
            "--tenant 72f988bf-86f1-41af-91ab-2d7cd011db47 --object 6f2d4a1e-0000-4000-8000-00000000000a "
                + "--permissions GetToken,DeleteToken"
        ),
        ("tenant", "person", "--tenant tenant --object person --permissions GetToken,DeleteToken --other-ids"),
        // What a shell would run, or take for an option, is left out.
        ("$(reboot)", "`x`", "--tenant ID --object ID --permissions GetToken,DeleteToken --other-ids"),
        ("-x", "", "--tenant ID --object ID --permissions GetToken,DeleteToken --other-ids"),
    ])
    func theCommandCanBePasted(tenantID: String, objectID: String, arguments: String) {
        let grant = PolicyGrant(tenantID: tenantID, objectID: objectID, permissions: ["GetToken", "DeleteToken"])
        #expect(grant.command == "token-vault policy grant " + arguments)
    }
}
