package import ProgramMetrics

extension TokenRenewal {
    /// How the providers stand that this process has called.
    package var families: [MetricFamily] {
        let standings = self.gates.standings(at: self.clock.now()).sorted { $0.key < $1.key }
            .prefix(MetricCounter.maxLabelSets)
        func gauge(_ name: String, _ help: String, _ value: (ServiceGates.Standing) -> Int) -> MetricFamily {
            let samples = standings.map { service, standing in
                MetricFamily.Sample(Double(value(standing)), labels: [MetricLabel("service", service)])
            }
            return MetricFamily(name, help: help, kind: .gauge, samples: samples)
        }
        return [
            gauge("token_vault_circuit_open", "1 while the provider of a service is left alone, since it fails.") {
                $0.isOpen ? 1 : 0
            },
            gauge("token_vault_client_refused", "1 while the provider of a service refuses its client.") {
                $0.isClientRefused ? 1 : 0
            },
            gauge(
                "token_vault_provider_calls_running",
                "Calls of the provider of a service that are under way.",
                \.running
            ),
            gauge("token_vault_provider_calls_waiting", "Renewals that wait for their turn at a provider.", \.waiting),
        ]
    }
}
