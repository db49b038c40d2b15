"""What the benchmark and the soak are made of: processes, nginx, the back end, the peers, wrk, and the figures."""
