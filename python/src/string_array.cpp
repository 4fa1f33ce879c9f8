// SPDX-License-Identifier: Apache-2.0
#include "string_array.h"

#include <string>
#include <string_view>
#include <vector>

#include "shape.h"
#include "xpuruntime/error.h"

namespace xpuruntime::python {
namespace {

constexpr const char* kErrors = "surrogateescape";

std::string text_of(nb::handle element, const Place& what) {
  if (nb::isinstance<nb::bytes>(element)) {
    const nb::bytes bytes = nb::borrow<nb::bytes>(element);
    return {static_cast<const char*>(bytes.data()), bytes.size()};
  }
  if (!nb::isinstance<nb::str>(element)) {
    throw InvalidArgumentError(to_string(what) + ": expected strings, got an element of type " +
                               nb::inst_name(element).c_str());
  }
  PyObject* encoded = PyUnicode_AsEncodedString(element.ptr(), "utf-8", kErrors);
  if (encoded == nullptr) nb::raise_python_error();
  const nb::bytes bytes = nb::steal<nb::bytes>(encoded);
  return {static_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Tensor tensor_of_strings(nb::handle array, const Place& what) {
  const nb::object elements = array.attr("ravel")().attr("tolist")();
  std::vector<std::string> strings;
  for (const nb::handle element : elements) strings.push_back(text_of(element, what));
  return Tensor::from_strings(strings, shape_argument(array.attr("shape")));
}

nb::object array_of_strings(const Tensor& tensor) {
  nb::list elements;
  for (const std::string_view text : tensor.strings()) {
    PyObject* decoded =
        PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), kErrors);
    if (decoded == nullptr) nb::raise_python_error();
    elements.append(nb::steal(decoded));
  }
  const nb::object array =
      nb::module_::import_("numpy").attr("array")(elements, nb::arg("dtype") = nb::str("object"));
  return array.attr("reshape")(tuple_of(tensor.shape()));
}

}  // namespace xpuruntime::python
