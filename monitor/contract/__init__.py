"""The wire contract as files for other programs: JSON Schema for each model, and one AsyncAPI document."""

from monitor.contract.files import contract_files, write_contract

__all__ = ["contract_files", "write_contract"]
