// SPDX-License-Identifier: Apache-2.0
/// Inputs and outputs of a run, between Python's containers and the library's.
#pragma once

#include <nanobind/nanobind.h>

#include <string>
#include <vector>

#include "session.h"
#include "xpuruntime/named_tensors.h"
#include "xpuruntime/report.h"
#include "xpuruntime/tensor.h"

namespace xpuruntime::python {

/// How inputs were given, and outputs are given back: in a dict or in a list.
enum class Form : uint8_t { kByName, kInOrder };

/// A list or tuple. Not every sequence: an array is one, and was meant to be the first input.
bool is_row(nb::handle value);
bool is_mapping(nb::handle value);
nb::dict dict_of(nb::handle mapping);

/// `copies`: see tensor_of().
Tensor input_of(const std::string& name, nb::handle value, std::vector<CopyRecord>* copies);
/// A list or None is meant well where the model takes a sequence or an optional. Throws
/// UnsupportedOperationError.
void check_kind(const TensorInfo& info);
/// The name of one in the model's order; the core refuses those that are too many.
const std::string& name_of(const std::vector<TensorInfo>& infos, size_t i);

/// As given, for the core to check the names of.
NamedTensors inputs_by_name(const nb::dict& inputs, std::vector<CopyRecord>* copies);
std::vector<Tensor> inputs_in_order(const Session& session, nb::handle inputs,
                                    std::vector<CopyRecord>* copies);

/// Inputs in either form, with names.
struct GivenInputs {
  NamedTensors tensors;
  Form form = Form::kByName;
  std::vector<CopyRecord> copies;
};

/// Throws InvalidArgumentError; `what` is for its text.
GivenInputs given_inputs(const Session& session, nb::handle inputs, const char* what = "inputs");

nb::object outputs_in(Form form, const NamedTensors& outputs);

}  // namespace xpuruntime::python
