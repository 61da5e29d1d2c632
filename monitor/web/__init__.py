"""The desk: a dashboard, a REST API, live events and Atom feeds over the read model.

``app.create_app`` puts the parts together; ``run.serve`` runs them. What people do (feedback on alerts, orders to the
poller) goes out through Kafka and is shown when it has come back through the archive: the desk writes to no database.
"""
