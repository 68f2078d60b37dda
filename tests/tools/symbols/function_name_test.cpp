// SPDX-License-Identifier: MIT
#include "symbols/function_name.h"

#include <gtest/gtest.h>

using heapmeter::cli::symbols::demangled;
using heapmeter::cli::symbols::qualified_name;
using heapmeter::cli::symbols::short_name;

namespace {

TEST(FunctionName, IsDemangled) {
  EXPECT_EQ(demangled("_ZN4shop3addEi"), "shop::add(int)");
  EXPECT_EQ(demangled("main"), "main");
  EXPECT_EQ(demangled("_Znonsense"), "_Znonsense");
  EXPECT_EQ(demangled(""), "");
}

TEST(FunctionName, OfRustIsAsItWasWritten) {
  const auto shown = [](const char *name) { return short_name(demangled(name)); };
  EXPECT_EQ(shown("_RNvMCsi7GFBnvyxwE_1rNtB2_5Cache3add"), "r::Cache::add");
  EXPECT_EQ(shown("_RINvCsi7GFBnvyxwE_1r5parseyEB2_"), "r::parse::<u64>");
  EXPECT_EQ(
      shown("_RNvXs_NtCsihNoVIYWwLU_5alloc5allocNtB4_6GlobalNtNtCs6IL9ONYDOZW_4core5alloc9Allocator8allocate"
            "Csi7GFBnvyxwE_1r"),
      "<alloc::alloc::Global as core::alloc::Allocator>::allocate");
  EXPECT_EQ(
      shown(
          "_ZN4core3ptr101drop_in_place$LT$alloc..sync..Arc$LT$std..sync..mutex..Mutex$LT$alloc..vec..Vec$LT$"
          "u8$GT$$GT$$GT$$GT$17h0f3db6f8bd3d5d31E"),
      "core::ptr::drop_in_place<alloc::sync::Arc<std::sync::mutex::Mutex<alloc::vec::Vec<u8>>>>");
  EXPECT_EQ(shown("_ZN1r4main28_$u7b$$u7b$closure$u7d$$u7d$17h4d0b2b3dd8bf7fa1E"), "r::main::{{closure}}");
  EXPECT_EQ(shown("_Rnonsense"), "_Rnonsense");
  EXPECT_EQ(shown("_RRRR"), "_RRRR");
}

std::string in_base(std::size_t base, std::size_t number) {
  if (number == 0) return "";
  std::string out;
  for (std::size_t left = number - 1; out.empty() || left > 0; left /= base)
    out.insert(out.begin(), "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[left % base]);
  return out;
}

// Each argument has the one before it twice: of a few hundred letters forty times as much as memory holds.
TEST(FunctionName, ThatStandsForMoreThanMemoryHoldsIsLeftAsItIs) {
  std::string cpp = "_Z1f1AIiiE", rust = "_RINvC1a1f";
  constexpr std::size_t kOfPrefix = 2;
  std::string last = "y";
  for (std::size_t level = 0; level < 40; ++level) {
    cpp += "S_IS" + in_base(36, level + 1) + "_S" + in_base(36, level + 1) + "_E";
    const std::size_t at = rust.size() - kOfPrefix;
    rust += "T" + last + last + "E";
    std::string digits;  // 62 of them, of which the small letters come before the large ones
    for (std::size_t left = at - 1; digits.empty() || left > 0; left /= 62)
      digits.insert(digits.begin(),
                    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[left % 62]);
    last = "B" + digits + "_";
  }
  rust += "E";
  EXPECT_EQ(demangled("_RINvC1a1fTyyETB7_B7_EE"), "a::f::<(u64, u64), ((u64, u64), (u64, u64))>");
  EXPECT_EQ(demangled("_Z1f1AIiiES_IS0_S0_E"), "f(A<int, int>, A<A<int, int>, A<int, int> >)");
  EXPECT_EQ(demangled(cpp), cpp);
  EXPECT_EQ(demangled(rust), rust);
}

TEST(FunctionName, OfRustsTypesHasNoBracketsAround) {
  EXPECT_EQ(short_name("<shop::Cart>::add"), "shop::Cart::add");
  EXPECT_EQ(short_name("<shop::Table<u64>>::add::<i8>"), "shop::Table<u64>::add::<i8>");
  for (const char *name : {"<shop::Cart as core::clone::Clone>::clone", "<[u8]>::to_vec", "<shop::Cart", "<",
                           "<>::f", "<shop::Cart>"})
    EXPECT_EQ(short_name(name), name);
}

TEST(FunctionName, LosesWhatTheStandardLibraryWouldHaveAnyway) {
  EXPECT_EQ(short_name("f(std::vector<int, std::allocator<int> >&)"), "f(std::vector<int>&)");
  EXPECT_EQ(
      short_name("std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >::reserve("
                 "unsigned long)"),
      "std::string::reserve(unsigned long)");
  EXPECT_EQ(short_name(
                "f(std::vector<std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> "
                ">, std::allocator<std::__cxx11::basic_string<char, std::char_traits<char>, "
                "std::allocator<char> > > >)"),
            "f(std::vector<std::string>)");
  EXPECT_EQ(short_name(
                "std::map<int, long, std::less<int>, std::allocator<std::pair<int const, long> > >::at(int)"),
            "std::map<int, long>::at(int)");
  EXPECT_EQ(short_name("std::unordered_map<int, long, std::hash<int>, std::equal_to<int>, "
                       "std::allocator<std::pair<int const, long> > >::clear()"),
            "std::unordered_map<int, long>::clear()");
  EXPECT_EQ(short_name("std::unique_ptr<shop::Cart, std::default_delete<shop::Cart> >::~unique_ptr()"),
            "std::unique_ptr<shop::Cart>::~unique_ptr()");
  EXPECT_EQ(short_name("std::__1::vector<int, std::__1::allocator<int>>::push_back(int const&)"),
            "std::vector<int>::push_back(int const&)");
}

TEST(FunctionName, KeepsWhatSomebodyChose) {
  EXPECT_EQ(short_name("std::vector<int, shop::Arena<int> >::at(int)"),
            "std::vector<int, shop::Arena<int>>::at(int)");
  EXPECT_EQ(short_name("shop::Table<int, std::allocator<int> >::at(int)"),
            "shop::Table<int, std::allocator<int>>::at(int)");
  EXPECT_EQ(short_name("std::map<int, long, std::greater<int> >::at(int)"),
            "std::map<int, long, std::greater<int>>::at(int)");
}

TEST(FunctionName, IsNoTemplateAfterOperator) {
  for (const char *name : {"operator<(A const&, B const&)", "A::operator<<(int)", "operator<=>(A, B)",
                           "A::operator->() const", "A::operator()(int) const", "operator new(unsigned long)",
                           "A::operator bool() const", "operator>>(A&, int)", "operator,(A, B)"})
    EXPECT_EQ(short_name(name), name);
  EXPECT_EQ(short_name("bool operator< <int, std::allocator<int> >(int)"),
            "bool operator< <int, std::allocator<int>>(int)");
}

TEST(FunctionName, LosesTheCompilersMarks) {
  EXPECT_EQ(short_name("shop::add(int) [clone .cold]"), "shop::add(int)");
  EXPECT_EQ(short_name("shop::add(int) [clone .isra.0] [clone .part.1]"), "shop::add(int)");
  EXPECT_EQ(short_name("shop::name[abi:cxx11]()"), "shop::name()");
  EXPECT_EQ(short_name("__GI_getaddrinfo"), "getaddrinfo");
  EXPECT_EQ(short_name("shop::cart::add::h0123456789abcdef"), "shop::cart::add");
  EXPECT_EQ(short_name("shop::cart::add::hello"), "shop::cart::add::hello");
}

TEST(FunctionName, StaysAsItIsWhenItIsNotUnderstood) {
  const std::string deep = std::string(100'000, '<') + "x";
  const std::string nested = [] {
    std::string text = "a";
    for (int each = 0; each < 20'000; ++each) text += "<a";
    return text;
  }();
  for (const std::string &name : {std::string("vector<int"), std::string("f(((("), std::string("operator"),
                                  std::string("a>b"), std::string(), deep, nested})
    EXPECT_EQ(short_name(name), name);
  for (const std::string &name :
       {std::string("operator"), std::string("operator<"), std::string(), deep, nested})
    qualified_name(name);
}

TEST(FunctionName, IsQualifiedWithoutResultAndParameters) {
  EXPECT_EQ(qualified_name("main"), "main");
  EXPECT_EQ(qualified_name("shop::add(int) const"), "shop::add");
  EXPECT_EQ(qualified_name("int shop::add<int>(int)"), "shop::add<int>");
  EXPECT_EQ(qualified_name("std::vector<int> shop::all(std::string const&)"), "shop::all");
  EXPECT_EQ(qualified_name("(anonymous namespace)::fill(int)"), "(anonymous namespace)::fill");
  EXPECT_EQ(qualified_name("operator new(unsigned long)"), "operator new");
  EXPECT_EQ(qualified_name("operator new[](unsigned long)"), "operator new[]");
  EXPECT_EQ(qualified_name("A::operator()(int) const"), "A::operator()");
  EXPECT_EQ(qualified_name("A::operator std::string() const"), "A::operator std::string");
  EXPECT_EQ(qualified_name("std::ostream& operator<< <char>(std::ostream&, char)"), "operator<< <char>");
  EXPECT_EQ(qualified_name("shop::run(int)::{lambda(int)#1}::operator()(int) const"),
            "shop::run(int)::{lambda(int)#1}::operator()");
}

// As the demangler writes those of C++20 and C++14, and as others do.
TEST(FunctionName, IsNotTheExpressionThatItsResultIsOf) {
  EXPECT_EQ(qualified_name("decltype (::new ((void*)(0)) std::string((declval<std::string const&>)())) "
                           "std::construct_at<std::string, std::string const&>(std::string*)"),
            "std::construct_at<std::string, std::string const&>");
  EXPECT_EQ(qualified_name("decltype ((((*this).begin)())->f((1)>(2))) shop::first<int>(int)"),
            "shop::first<int>");
  EXPECT_EQ(qualified_name("decltype(x(f())) const& shop::of(int)"), "shop::of");
  EXPECT_EQ(qualified_name("decltype(auto) shop::all(int)"), "shop::all");
  EXPECT_EQ(qualified_name("my_decltype(int)"), "my_decltype");
  qualified_name("decltype (f((");
}

}  // namespace
