/// Everyone who can get a token here.
struct Directory: Sendable {
    let systemAssigned: Identity?
    let userAssigned: [Identity]
    let applications: [Application]

    /// All identities, in the order in which they are listed to people.
    var identities: [Identity] {
        self.managedIdentities + self.applications.map(\.identity)
    }

    private var managedIdentities: [Identity] {
        (self.systemAssigned.map { [$0] } ?? []) + self.userAssigned
    }

    /// GUIDs and the ids of Azure's resources are compared without regard to case, as Azure does.
    func managedIdentity(_ selector: IdentitySelector) -> Identity? {
        switch selector {
        case .systemAssigned:
            self.systemAssigned
        case .clientID(let id):
            self.managedIdentities.first { $0.clientID.lowercased() == id.lowercased() }
        case .objectID(let id):
            self.managedIdentities.first { $0.objectID.lowercased() == id.lowercased() }
        case .resourceID(let id):
            self.managedIdentities.first { $0.resourceID?.lowercased() == id.lowercased() }
        }
    }

    func application(clientID: String) -> Application? {
        self.applications.first { $0.identity.clientID.lowercased() == clientID.lowercased() }
    }

    /// One of each kind, always the same ones.
    static let builtIn = Directory(
        systemAssigned: Identity(
            name: "system-assigned",
            clientID: "5d1c0a52-7f0c-4f3e-8a6c-2b7a64c1e001",
            objectID: "c7f2f7a0-6a43-4b8e-9d55-0a3b8f6de001",
            resourceID: Self.resourceID("Microsoft.Compute/virtualMachines/emulator")
        ),
        userAssigned: [
            Identity(
                name: "user-assigned",
                clientID: "5d1c0a52-7f0c-4f3e-8a6c-2b7a64c1e002",
                objectID: "c7f2f7a0-6a43-4b8e-9d55-0a3b8f6de002",
                resourceID: Self.resourceID("Microsoft.ManagedIdentity/userAssignedIdentities/user-assigned")
            )
        ],
        applications: [
            Application(
                identity: Identity(
                    name: "application",
                    clientID: "5d1c0a52-7f0c-4f3e-8a6c-2b7a64c1e003",
                    objectID: "c7f2f7a0-6a43-4b8e-9d55-0a3b8f6de003",
                    resourceID: nil
                ),
                secret: nil,
                certificate: nil
            )
        ]
    )

    /// The id that a resource has here when nobody gave it one.
    static func resourceID(_ resource: String) -> String {
        "/subscriptions/2c0a7bd4-8e4e-4f0c-b1a5-6f1d5e7a9b30/resourcegroups/emulator/providers/\(resource)"
    }
}
