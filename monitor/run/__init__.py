"""Running it: the supervisor that starts, restarts and stops the daemons, and the views of what they do.

``session`` puts the parts in order: broker, topics, daemons, view. ``supervisor`` keeps ``child`` processes alive;
``watch`` reads Kafka, never the daemons' insides; ``view`` and ``lines`` show ``events``.
"""
