// The program is also the child of its own tests.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "child.hpp"

int main(int argc, char **argv) {
    if (argc > 1 && std::string_view(argv[1]).starts_with("child-")) return run_as_child(argv[1]);
    return doctest::Context(argc, argv).run();
}
