"""What `tdpf bench` measures and beside what: the gateway, delivery, files, growth, streams, search and the rating."""
