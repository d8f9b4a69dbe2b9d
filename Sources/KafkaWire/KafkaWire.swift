// KafkaWire
