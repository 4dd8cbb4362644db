"""What lifting credentials is made of; `lift.credentials` is the door."""
