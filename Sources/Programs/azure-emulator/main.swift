import AzureEmulator

AzureEmulator.App.main()
