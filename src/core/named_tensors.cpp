// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/named_tensors.h"

#include <algorithm>

#include "text.h"
#include "xpuruntime/error.h"

namespace xpuruntime {

NamedTensors::NamedTensors(std::initializer_list<std::pair<std::string, Tensor>> entries) {
  auto names = std::make_shared<std::vector<std::string>>();
  names->reserve(entries.size());
  tensors_.reserve(entries.size());
  for (const auto& [name, tensor] : entries) {
    if (std::ranges::find(*names, name) != names->end()) {
      throw InvalidArgumentError("the name '" + name + "' is given twice");
    }
    names->push_back(name);
    tensors_.push_back(tensor);
  }
  names_ = std::move(names);
}

NamedTensors::NamedTensors(const std::map<std::string, Tensor>& entries) {
  auto names = std::make_shared<std::vector<std::string>>();
  for (const auto& [name, tensor] : entries) {
    names->push_back(name);
    tensors_.push_back(tensor);
  }
  names_ = std::move(names);
}

NamedTensors::NamedTensors(Names names, std::vector<Tensor> tensors)
    : names_(std::move(names)), tensors_(std::move(tensors)) {
  const size_t count = names_ == nullptr ? 0 : names_->size();
  if (count != tensors_.size()) {
    throw InvalidArgumentError(std::to_string(count) + " names for " +
                               std::to_string(tensors_.size()) + " tensors");
  }
}

const Tensor* NamedTensors::find(std::string_view name) const noexcept {
  for (size_t i = 0; i < size(); ++i) {
    if (this->name(i) == name) return &tensors_[i];
  }
  return nullptr;
}

const Tensor& NamedTensors::at(std::string_view name) const {
  if (const Tensor* tensor = find(name)) return *tensor;
  const std::vector<std::string> none;
  const std::vector<std::string>& names = names_ == nullptr ? none : *names_;
  throw InvalidArgumentError("there is no tensor '" + std::string(name) +
                             "'; there is: " + join(names) + did_you_mean(name, names));
}

void NamedTensors::set(std::string_view name, Tensor tensor) {
  for (size_t i = 0; i < size(); ++i) {
    if (this->name(i) == name) {
      tensors_[i] = std::move(tensor);
      return;
    }
  }
  // Names may be shared with other results: those keep theirs.
  auto names = names_ == nullptr ? std::make_shared<std::vector<std::string>>()
                                 : std::make_shared<std::vector<std::string>>(*names_);
  names->emplace_back(name);
  names_ = std::move(names);
  tensors_.push_back(std::move(tensor));
}

}  // namespace xpuruntime
