"""The leak matrix: nobody gets, by any path, what policy does not release to them."""
