import TokenVault

TokenVault.App.main()
