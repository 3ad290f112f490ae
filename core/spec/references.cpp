// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/spec/references.h"

#include <algorithm>

namespace ipsi::spec {

const std::vector<Reference>& references() {
  static const std::vector<Reference> list{
      {"bates2015",
       "Bates D, Maechler M, Bolker B, Walker S (2015). Fitting linear mixed-effects models using lme4. Journal of "
       "Statistical Software 67(1):1-48.",
       "10.18637/jss.v067.i01"},
      {"benjamini1995",
       "Benjamini Y, Hochberg Y (1995). Controlling the false discovery rate: a practical and powerful approach to "
       "multiple testing. Journal of the Royal Statistical Society B 57:289-300.",
       "10.1111/j.2517-6161.1995.tb02031.x"},
      {"bonferroni1936",
       "Bonferroni CE (1936). Teoria statistica delle classi e calcolo delle probabilità. "
       "Pubblicazioni del R Istituto Superiore di Scienze Economiche e Commerciali di Firenze 8:3-62.",
       ""},
      {"chambers1992", "Chambers JM, Hastie TJ (1992). Statistical Models in S. Wadsworth & Brooks/Cole.", ""},
      {"cook1977", "Cook RD (1977). Detection of influential observation in linear regression. Technometrics 19:15-18.",
       "10.1080/00401706.1977.10489493"},
      {"davison1997",
       "Davison AC, Hinkley DV (1997). Bootstrap Methods and their Application. Cambridge University Press.",
       "10.1017/CBO9780511802843"},
      {"efron1993", "Efron B, Tibshirani RJ (1993). An Introduction to the Bootstrap. Chapman & Hall, New York.",
       "10.1007/978-1-4899-4541-9"},
      {"efron1987",
       "Efron B (1987). Better bootstrap confidence intervals. Journal of the American Statistical "
       "Association 82:171-185.",
       "10.1080/01621459.1987.10478410"},
      {"fischl2002",
       "Fischl B, Salat DH, Busa E, et al. (2002). Whole brain segmentation: automated labeling of "
       "neuroanatomical structures in the human brain. Neuron 33:341-355.",
       "10.1016/S0896-6273(02)00569-X"},
      {"fox1992",
       "Fox J, Monette G (1992). Generalized collinearity diagnostics. Journal of the American Statistical "
       "Association 87:178-183.",
       "10.1080/01621459.1992.10475190"},
      {"fox2019", "Fox J, Weisberg S (2019). An R Companion to Applied Regression, 3rd edition. Sage.", ""},
      {"freedman1983",
       "Freedman D, Lane D (1983). A nonstochastic interpretation of reported significance levels. Journal of Business "
       "& Economic Statistics 1:292-298.",
       "10.1080/07350015.1983.10509354"},
      {"liew2021",
       "Liew SL, Zavaliangos-Petropulu A, Schweighofer N, et al. (2021). Smaller spared subcortical nuclei "
       "are associated with worse post-stroke sensorimotor outcomes in 28 cohorts worldwide. Brain "
       "Communications 3:fcab254.",
       "10.1093/braincomms/fcab254"},
      {"lindstrom1988",
       "Lindstrom MJ, Bates DM (1988). Newton-Raphson and EM algorithms for linear mixed-effects models "
       "for repeated-measures data. Journal of the American Statistical Association 83:1014-1022.",
       "10.1080/01621459.1988.10478693"},
      {"joreskog1970",
       "Jöreskog KG (1970). A general method for analysis of covariance structures. Biometrika 57:239-251.",
       "10.1093/biomet/57.2.239"},
      {"mcardle1984",
       "McArdle JJ, McDonald RP (1984). Some algebraic properties of the Reticular Action Model for moment "
       "structures. British Journal of Mathematical and Statistical Psychology 37:234-251.",
       "10.1111/j.2044-8317.1984.tb00802.x"},
      {"rosseel2012",
       "Rosseel Y (2012). lavaan: An R package for structural equation modeling. Journal of Statistical "
       "Software 48(2):1-36.",
       "10.18637/jss.v048.i02"},
      {"koller2013", "Koller M (2013). Robust estimation of linear mixed models. Doctoral thesis, ETH Zurich.",
       "10.3929/ethz-a-007632241"},
      {"koller2022",
       "Koller M, Stahel WA (2022). Robust estimation of general linear mixed effects models. In: Yi M, Nordhausen K "
       "(eds) Robust and Multivariate Statistical Methods. Springer.",
       "10.1007/978-3-031-22687-8_14"},
      {"nieuwenhuis2012",
       "Nieuwenhuis R, te Grotenhuis M, Pelzer B (2012). influence.ME: tools for detecting influential data in mixed "
       "effects models. The R Journal 4(2):38-47.",
       "10.32614/RJ-2012-011"},
      {"phipson2010",
       "Phipson B, Smyth GK (2010). Permutation p-values should never be zero: calculating exact p-values when "
       "permutations are randomly drawn. Statistical Applications in Genetics and Molecular Biology 9:39.",
       "10.2202/1544-6115.1585"},
      {"pinheiro2000", "Pinheiro JC, Bates DM (2000). Mixed-Effects Models in S and S-PLUS. Springer, New York.",
       "10.1007/b98882"},
      {"royston1995",
       "Royston P (1995). Remark AS R94: a remark on algorithm AS 181: the W-test for normality. Applied "
       "Statistics 44:547-551.",
       "10.2307/2986146"},
      {"satterthwaite1946",
       "Satterthwaite FE (1946). An approximate distribution of estimates of variance components. Biometrics "
       "Bulletin 2:110-114.",
       "10.2307/3002019"},
      {"searle1980",
       "Searle SR, Speed FM, Milliken GA (1980). Population marginal means in the linear model: an alternative to "
       "least squares means. The American Statistician 34:216-221.",
       "10.1080/00031305.1980.10483031"},
      {"self1987",
       "Self SG, Liang KY (1987). Asymptotic properties of maximum likelihood estimators and likelihood ratio tests "
       "under nonstandard conditions. Journal of the American Statistical Association 82:605-610.",
       "10.1080/01621459.1987.10478472"},
      {"gilmour1995",
       "Gilmour AR, Thompson R, Cullis BR (1995). Average information REML: an efficient algorithm for variance "
       "parameter estimation in linear mixed models. Biometrics 51:1440-1450.",
       "10.2307/2533274"},
      {"kuznetsova2017",
       "Kuznetsova A, Brockhoff PB, Christensen RHB (2017). lmerTest package: tests in linear mixed effects models. "
       "Journal of Statistical Software 82(13):1-26.",
       "10.18637/jss.v082.i13"},
      {"shapiro1965",
       "Shapiro SS, Wilk MB (1965). An analysis of variance test for normality (complete samples). "
       "Biometrika 52:591-611.",
       "10.1093/biomet/52.3-4.591"},
      {"simonsohn2020",
       "Simonsohn U, Simmons JP, Nelson LD (2020). Specification curve analysis. Nature Human Behaviour 4:1208-1214.",
       "10.1038/s41562-020-0912-z"},
      {"smith2009",
       "Smith SM, Nichols TE (2009). Threshold-free cluster enhancement: addressing problems of smoothing, threshold "
       "dependence and localisation in cluster inference. NeuroImage 44:83-98.",
       "10.1016/j.neuroimage.2008.03.061"},
      {"stram1994",
       "Stram DO, Lee JW (1994). Variance components testing in the longitudinal mixed effects model. "
       "Biometrics 50:1171-1177.",
       "10.2307/2533455"},
      {"wilcoxon1945", "Wilcoxon F (1945). Individual comparisons by ranking methods. Biometrics Bulletin 1:80-83.",
       "10.2307/3001968"},
      {"wilkinson1973",
       "Wilkinson GN, Rogers CE (1973). Symbolic description of factorial models for analysis of "
       "variance. Applied Statistics 22:392-399.",
       "10.2307/2346786"},
      {"winkler2014",
       "Winkler AM, Ridgway GR, Webster MA, Smith SM, Nichols TE (2014). Permutation inference for the general linear "
       "model. NeuroImage 92:381-397.",
       "10.1016/j.neuroimage.2014.01.060"},
  };
  return list;
}

const Reference* find_reference(std::string_view key) {
  const auto& all = references();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Reference& r) { return r.key == key; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace ipsi::spec
