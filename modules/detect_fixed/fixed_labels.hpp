// What detect-fixed finds on every asset: read from its options, written as the labels of Hub.
#pragma once

#include "common/options.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace detect_fixed {

/// A text classification: the question, by its class, and the answer.
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

/// Options "boxes" and "classifications". Throws ango::Failure for what cannot be drawn.
FixedLabels read_fixed_labels(ango::convert::Options &options);

/// Class of the model to schemaId of the project.
using Mapping = std::map<std::string, std::string, std::less<>>;

/// [{"schemaId", "modelClass"}] or null. Entries without both are left out. Throws ango::Failure if it is not JSON.
Mapping read_mapping(std::string_view json);

/// Every class, once, in order of appearance.
std::vector<std::string> classes_of(const FixedLabels &labels);

/// The labels of an asset; what has no class in the mapping is left out.
std::string labels_json(const FixedLabels &labels, const Mapping &mapping);

/// {"classes": […], "config": {"boxes": […], "classifications": […]}}
std::string description_json(const FixedLabels &labels);

} // namespace detect_fixed
