# SPDX-License-Identifier: Apache-2.0
"""What an exporter says of what it wrote."""

from dataclasses import dataclass, field


@dataclass
class Result:
    exporter: str
    tools: dict[str, str]  #: versions by package
    warnings: list[str] = field(default_factory=list)
