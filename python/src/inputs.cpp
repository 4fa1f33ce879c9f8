// SPDX-License-Identifier: Apache-2.0
#include "inputs.h"

#include <nanobind/stl/string.h>

#include <utility>

#include "array.h"
#include "xpuruntime/error.h"

namespace xpuruntime::python {

bool is_row(nb::handle value) {
  return nb::isinstance<nb::list>(value) || nb::isinstance<nb::tuple>(value);
}

bool is_mapping(nb::handle value) {
  return nb::isinstance<nb::dict>(value) || nb::hasattr(value, "keys");
}

nb::dict dict_of(nb::handle mapping) {
  if (nb::isinstance<nb::dict>(mapping)) return nb::borrow<nb::dict>(mapping);
  nb::dict made;
  if (PyDict_Update(made.ptr(), mapping.ptr()) != 0) nb::raise_python_error();
  return made;
}

Tensor input_of(const std::string& name, nb::handle value, std::vector<CopyRecord>* copies) {
  return tensor_of(value, {"input", name}, CopyRule::kIfNeeded, copies);
}

void check_kind(const TensorInfo& info) {
  if (info.kind == ValueKind::kTensor) return;
  throw UnsupportedOperationError("input '" + info.name +
                                  "' is a sequence, map or optional, which run() does not do");
}

const std::string& name_of(const std::vector<TensorInfo>& infos, size_t i) {
  static const std::string surplus = "beyond the model's";
  return i < infos.size() ? infos[i].name : surplus;
}

NamedTensors inputs_by_name(const nb::dict& inputs, std::vector<CopyRecord>* copies) {
  NamedTensors named;
  for (const auto& [name, value] : inputs) {
    if (!nb::isinstance<nb::str>(name)) throw nb::type_error("inputs: names must be str");
    const std::string text = nb::cast<nb::str>(name).c_str();
    named.set(text, input_of(text, value, copies));
  }
  return named;
}

std::vector<Tensor> inputs_in_order(const Session& session, nb::handle inputs,
                                    std::vector<CopyRecord>* copies) {
  const std::vector<TensorInfo>& infos = session.session.input_info();
  std::vector<Tensor> tensors;
  for (const nb::handle value : inputs) {
    if (tensors.size() < infos.size()) check_kind(infos[tensors.size()]);
    tensors.emplace_back(input_of(name_of(infos, tensors.size()), value, copies));
  }
  return tensors;
}

GivenInputs given_inputs(const Session& session, nb::handle inputs, const char* what) {
  GivenInputs given;
  if (is_row(inputs)) {
    given.form = Form::kInOrder;
    std::vector<Tensor> tensors = inputs_in_order(session, inputs, &given.copies);
    if (tensors.size() != session.input_list->size()) {
      throw InvalidArgumentError(
          std::string(what) + ": expected " + std::to_string(session.input_list->size()) +
          " tensors in the model's order, got " + std::to_string(tensors.size()));
    }
    given.tensors = {session.input_list, std::move(tensors)};
  } else if (is_mapping(inputs)) {
    for (const TensorInfo& info : session.session.input_info()) check_kind(info);
    given.tensors = inputs_by_name(dict_of(inputs), &given.copies);
  } else {
    throw InvalidArgumentError(std::string(what) +
                               ": expected a dict, or a list in the model's order, got " +
                               nb::inst_name(inputs).c_str());
  }
  return given;
}

nb::object outputs_in(Form form, const NamedTensors& outputs) {
  if (form == Form::kInOrder) {
    nb::list row;
    for (const Tensor& tensor : outputs.tensors()) row.append(array_of(Tensor(tensor)));
    return row;
  }
  nb::dict named;
  for (const auto& [name, tensor] : outputs) named[name.c_str()] = array_of(Tensor(tensor));
  return named;
}

}  // namespace xpuruntime::python
