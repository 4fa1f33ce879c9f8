// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace xpuruntime::toolkit {

/// Three significant digits and the unit that suits: "12.3 us", "1.23 ms", "45.6 s".
std::string format_seconds(double seconds);
/// "512 B", "52.3 KiB", "1.20 GiB".
std::string format_bytes(uint64_t bytes);
/// "1,234,567".
std::string format_count(uint64_t count);
/// Three significant digits at least, thousands grouped: "0.123", "81.5", "12,345".
std::string format_rate(double per_second);
/// "4.2 %" of a share of 1.
std::string format_percent(double share);

/// Text from a model or a file, safe to print: control characters and what is no UTF-8 become
/// "\x1b".
std::string printable(std::string_view text);

}  // namespace xpuruntime::toolkit
