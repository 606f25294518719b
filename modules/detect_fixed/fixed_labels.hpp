// The labels that detect-fixed gives to every asset: read from its options, written as Hub reads them
// (modules/FORMATS.md 2.1).
#pragma once

#include "common/options.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ango::detect_fixed {

/// The answer to a text classification, which its class names.
struct Answer {
    std::string class_name, text;
};

struct Box {
    std::string class_name;
    double x = 0, y = 0, width = 0, height = 0; // pixels, from the top left corner
    std::uint64_t page = 0;                     // from 0
    std::vector<Answer> answers;
};

struct FixedLabels {
    std::vector<Box> boxes;
    std::vector<Answer> answers; // of the asset as a whole
};

/// Reads options "boxes" and "classifications". Throws ango::Failure, which names the place, for a wrong value.
FixedLabels read_fixed_labels(common::Options &options);

/// By class of the model: the schemaId of the project.
using Mapping = std::map<std::string, std::string, std::less<>>;

/// Adds the classes whose names look the same as one of the mapping, and differ from it all the same. Returns a sentence for
/// each that differs only in upper and lower case, which is not added.
std::vector<std::string> add_alike(const std::vector<std::string> &classes, Mapping &mapping);

/// json: [{"schemaId", "modelClass"}] or null. Incomplete entries are left out. Throws ango::Failure if it is not valid
/// JSON.
Mapping read_mapping(std::string_view json);

/// Every class once, in order of appearance.
std::vector<std::string> classes_of(const FixedLabels &labels);

/// The labels of an asset, without those whose class is not mapped.
std::string labels_json(const FixedLabels &labels, const Mapping &mapping);

/// {"classes": […], "config": {"boxes": […], "classifications": […]}}
std::string description_json(const FixedLabels &labels);

} // namespace ango::detect_fixed
