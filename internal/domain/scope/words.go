package scope

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The words of SC-13 and SC-14; product names, the other half of SC-14, are left
// to the reader. Latin phrases are compared word by word, without
// regard to case, hyphens and punctuation; Chinese ones wherever they stand.

func vagueWords() []string {
	return []string{
		"etc", "et cetera", "and so on", "and so forth", "and more", "and others", "among others", "and the like",
		"related services", "associated services", "other services", "various", "all kinds of", "all sorts of",
		"a range of", "a variety of", "miscellaneous", "several", "such as", "including but not limited to",
		"world class",
	}
}

func vagueHan() []string {
	return []string{
		"等等", "相关服务", "其他服务", "其它服务", "及其他", "及其它", "各种", "各类", "各式", "多种", "若干", "诸如",
		"之类", "包括但不限于", "全方位", "世界级",
	}
}

func qualityWords() []string {
	return []string{
		"best", "best in class", "leading", "market leading", "leading edge", "excellent", "excellence", "high quality",
		"top quality", "highest quality", "quality services", "premium", "superior", "outstanding", "first class",
		"first rate", "state of the art", "cutting edge", "innovative", "award winning", "unique", "unrivalled",
		"unrivaled", "unparalleled", "unmatched", "number one", "reliable", "trusted", "seamless",
		"guaranteed", "flawless", "perfect", "worry free",
	}
}

func qualityHan() []string {
	return []string{
		"一流", "领先", "最佳", "最好", "最优", "最先进", "优质", "卓越", "优秀", "高品质", "高质量", "顶级", "尖端", "首屈一指",
		"独一无二", "无与伦比", "完美", "零故障", "第一品牌", "行业第一", "可靠的", "值得信赖", "无忧",
	}
}

// found returns the phrases that stand in the text, in the order of the lists. A
// phrase inside a longer one that was found as well is left out.
func found(text string, latin, han []string) []string {
	padded := " " + fold(text) + " "
	var hits []string
	for _, phrase := range latin {
		if strings.Contains(padded, " "+phrase+" ") {
			hits = append(hits, phrase)
		}
	}
	for _, phrase := range han {
		if strings.Contains(text, phrase) {
			hits = append(hits, phrase)
		}
	}
	all := slices.Clone(hits)
	return slices.DeleteFunc(hits, func(h string) bool {
		return slices.ContainsFunc(all, func(other string) bool { return other != h && strings.Contains(other, h) })
	})
}

// vagueDeng finds 等 where it closes a list ("…、服务台等服务", "…等。"), and not
// where it is part of a word (等级, 同等, 平等).
func vagueDeng(text string) bool {
	runes := []rune(text)
	for i, r := range runes {
		if r != '等' {
			continue
		}
		if i == 0 || strings.ContainsRune("同平中高初优对均何相上下特头一二三四五等", runes[i-1]) {
			continue
		}
		rest := strings.TrimLeft(string(runes[i+1:]), " ")
		if next, _ := utf8.DecodeRuneInString(rest); !unicode.IsLetter(next) {
			return true
		}
		for _, follower := range []string{"服务", "相关", "业务", "内容", "方面", "领域", "的", "系统", "多", "客户", "地"} {
			if strings.HasPrefix(rest, follower) {
				return true
			}
		}
	}
	return false
}

// countWords counts Latin words, and two Chinese characters as one word, rounded
// up: Chinese text says in about two characters what takes a word in English.
func countWords(text string) int {
	words, han := 0, 0
	inWord := false
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Han, r):
			han++
			inWord = false
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if !inWord {
				words++
			}
			inWord = true
		case r == '\'' || r == '’' || r == '-' || unicode.Is(unicode.Mn, r):
			// part of the word around it
		default:
			inWord = false
		}
	}
	return words + (han+1)/2
}

// fold lowers the case, makes full-width signs narrow and turns everything but
// letters and digits into single spaces.
func fold(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) {
			return ' '
		}
		return unicode.ToLower(r)
	}, s)
	return strings.Join(strings.Fields(s), " ")
}
