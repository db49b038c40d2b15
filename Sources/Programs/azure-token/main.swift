import AzureToken

AzureToken.App.main()
