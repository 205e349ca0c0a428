"""The web pages that recipients see, and the downloads behind them."""
