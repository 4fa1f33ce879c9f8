// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "output.h"
#include "toolkit/text_table.h"
#include "xpuruntime/model_info.h"
#include "xpuruntime/report.h"
#include "xpuruntime/shape.h"

namespace xpuruntime::xpurt {

/// What a session is and what it is not: "onnxrt 1.31.1 on cpu, 2 threads", and why earlier
/// choices failed, one a line.
std::string session_line(const SessionReport& report);
std::string failed_choices_text(const SessionReport& report);
/// A row for each validator that it passed.
void add_validators(toolkit::TextTable& table, const SessionReport& report);
Json to_json(const SessionReport& report);

Json to_json(const Shape& shape);
Json to_json(const TensorInfo& info);
Json to_json(const RunReport& report);

}  // namespace xpuruntime::xpurt
