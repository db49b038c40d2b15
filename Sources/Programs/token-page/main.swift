import TokenPage

TokenPage.App.main()
