"""What the benchmark and the soak are made of: processes, nginx, the upstream, the peers, wrk, and the figures."""
