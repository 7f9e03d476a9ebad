"""What Cisco and Tandberg codecs tell over HTTPS (xAPI): calls, registration, what is plugged in."""
